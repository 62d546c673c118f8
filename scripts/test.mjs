// `npm test`: lint, types, build, all tests of both halves. It goes on past failures; its last line counts them.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installPythonTools } from './python-tools.mjs'
import { pytestCounts, slowestTests, vitestCounts } from './test-counts.mjs'
import { findPython } from './test-interpreter.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const reports = mkdtempSync(join(tmpdir(), 'churn-ops-test-'))
const binFolder = join(root, 'node_modules', '.bin')
const vitestReport = join(reports, 'vitest.json')
const pytestReport = join(reports, 'pytest.xml')
const SLOWEST = 20
const total = { passed: 0, failed: 0, skipped: 0 }
const failedSteps = []

/** Runs one step with its output shown; returns its exit code. */
function run(name, program, parameters, variables = {}) {
  const begun = Date.now()
  console.log(`\n--- ${name}`)
  const { status, error } = spawnSync(program, parameters, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...variables },
  })
  if (error !== undefined) console.log(error.message)
  const exitCode = status ?? 1
  if (exitCode !== 0) failedSteps.push(name)
  console.log(
    `--- ${name}: ${exitCode === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - begun) / 1000).toFixed(1)} s`,
  )
  return exitCode
}

/** A step that counts as one failed test when it fails. */
function check(name, program, parameters) {
  if (run(name, program, parameters) !== 0) total.failed += 1
}

function add(counts) {
  for (const key of Object.keys(total)) total[key] += counts[key]
}

function runVitest(interpreter) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`]
  const variables = interpreter === null ? {} : { CHURN_OPS_TEST_PYTHON: interpreter }
  add(vitestCounts(vitestReport, run('vitest', join(binFolder, 'vitest'), ['run', ...reporters], variables)))
}

function runPytest(interpreter, tools) {
  const variables = { PYTHONPATH: [tools, process.env.PYTHONPATH].filter(Boolean).join(delimiter) }
  const onAllCores = ['-n', 'logical', '--dist', 'loadfile']
  const parameters = ['-m', 'pytest', ...onAllCores, `--junitxml=${pytestReport}`]
  add(pytestCounts(pytestReport, run('pytest', interpreter, parameters, variables)))
}

/** Runs a part; what it throws counts as one failed test. */
function attempt(name, part) {
  try {
    return part()
  } catch (error) {
    console.log(`--- ${name}: FAILED: ${error.message}`)
    failedSteps.push(name)
    total.failed += 1
    return null
  }
}

check('lint', join(binFolder, 'biome'), ['check', '--error-on-warnings', '.'])
check('types', join(binFolder, 'tsc'), ['-p', 'tsconfig.json'])
check('build', 'npm', ['run', '--silent', 'build'])
const interpreter = attempt('Python environment', () => findPython(root))
runVitest(interpreter)
const tools =
  interpreter === null ? null : attempt('Python tools', () => installPythonTools(root, interpreter))
if (tools !== null) {
  const ruff = join(tools, 'bin', 'ruff')
  check('ruff check', ruff, ['check', 'python', 'scripts', 'test'])
  check('types of Python', join(binFolder, 'pyright'), ['--pythonpath', interpreter])
  check('ruff format', ruff, ['format', '--check', 'python', 'scripts', 'test'])
  runPytest(interpreter, tools)
}
console.log(`\nThe ${SLOWEST} slowest tests:`)
for (const [seconds, title] of slowestTests(vitestReport, pytestReport, SLOWEST)) {
  console.log(`${seconds.toFixed(1).padStart(7)} s  ${title}`)
}
rmSync(reports, { recursive: true, force: true })

if (failedSteps.length > 0) console.log(`\nfailed: ${failedSteps.join(', ')}`)
const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`)
process.exitCode = total.failed === 0 ? 0 : 1
