// Everything that is claimed of training, in one run on one machine: `churn-ops train` against the documents' script and
// against the floor, the quality over many splits, and the growth with the table.
// Usage: npm run bench [-- --no-original --no-quality --no-growth --rounds N --splits N]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'dist', 'bin.js')
const data = join(root, 'data', 'telco-customer-churn.csv')
const flags = process.argv.slice(2)
const rounds = numberAfter('--rounds', 3)
const splits = numberAfter('--splits', 20)

const python = interpreter()
const ownPython = process.env.CHURN_OPS_TEST_PYTHON ? ['--python', python] : []
const variables = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', GIT_PYTHON_REFRESH: 'quiet' }

const ours = []
const floors = []
for (let round = 0; round < rounds; round++) {
  floors.push(timed('floor', (folder) => [python, join(root, 'scripts/bench/floor.py'), data, folder]))
  ours.push(
    timed('churn-ops train', (folder) => [
      ...[process.execPath, bin, 'train', '--json', '--quiet', ...ownPython],
      ...['--tracking-uri', `sqlite:///${folder}/mlflow.db`],
    ]),
  )
}
const own = median(ours)
const floor = median(floors)
print('floor (imports, store, 9 fits, 27 dumps)', floor)
print('churn-ops train (27 versions)', own)
console.log(`against the floor: ${(own.seconds / floor.seconds).toFixed(2)} times its time`)
const { result } = JSON.parse(own.output)
const best = result.best.metrics
console.log(
  `best by f1_oof: version ${result.best.version}, test F1 ${best.f1_score.toFixed(4)} ` +
    `(${best.f1_score_low.toFixed(3)} to ${best.f1_score_high.toFixed(3)})`,
)
console.log(`phases in seconds: ${JSON.stringify(result.phases)}`)
if (!flags.includes('--no-original')) {
  const original = timed('original', (folder) => [
    python,
    join(root, 'scripts/bench/original.py'),
    data,
    folder,
  ])
  print('original script (27 versions, one thread)', original)
  console.log(`its best test F1: ${JSON.parse(original.output.split('\n').at(-2)).bestF1.toFixed(4)}`)
  console.log(`speed-up: ${(original.seconds / own.seconds).toFixed(1)}x`)
}
if (!flags.includes('--no-quality')) {
  const quality = timed('quality', () => [
    python,
    join(root, 'scripts/bench/quality.py'),
    data,
    String(splits),
  ])
  const { meanTestF1, spreadTestF1, meanOptimism, meanGain, split42 } = JSON.parse(quality.output)
  console.log(`quality over ${splits} splits, the best version of each search by f1_oof:`)
  console.log(
    `  mean test F1 ${meanTestF1.toFixed(4)}, spread ${spreadTestF1.toFixed(4)}, split 42 ${split42.toFixed(4)}`,
  )
  console.log(`  mean of f1_oof - test F1 ${meanOptimism.toFixed(4)}`)
  console.log(`  mean gain over threshold 0.5 ${meanGain.toFixed(4)}`)
}
if (!flags.includes('--no-growth')) {
  execFileSync(process.execPath, [join(root, 'scripts', 'bench-growth.mjs')], {
    stdio: 'inherit',
    env: variables,
  })
}

function timed(name, command) {
  const folder = mkdtempSync(join(tmpdir(), 'churn-ops-bench-'))
  try {
    const [program, ...parameters] = command(folder)
    const started = performance.now()
    const output = execFileSync(program, parameters, {
      cwd: folder,
      env: variables,
      encoding: 'utf8',
      maxBuffer: 1e8,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const seconds = (performance.now() - started) / 1000
    console.error(`${name}: ${seconds.toFixed(1)} s`)
    return { seconds, output }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function numberAfter(flag, otherwise) {
  const at = flags.indexOf(flag)
  return at < 0 ? otherwise : Number(flags[at + 1])
}

function median(runs) {
  return [...runs].sort((a, b) => a.seconds - b.seconds)[Math.floor(runs.length / 2)]
}

function print(name, { seconds }) {
  console.log(`${name.padEnd(44)} ${seconds.toFixed(1).padStart(7)} s`)
}

function interpreter() {
  if (process.env.CHURN_OPS_TEST_PYTHON) return process.env.CHURN_OPS_TEST_PYTHON
  const setup = JSON.parse(execFileSync(process.execPath, [bin, 'setup', '--json'], { encoding: 'utf8' }))
  return setup.result.python.interpreter
}
