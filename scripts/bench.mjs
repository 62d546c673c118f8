// Times `churn-ops train` against the documents' script and against the floor, in one run on one machine.
// Usage: npm run bench [-- --no-original] [-- --rounds N]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'dist', 'bin.js')
const data = join(root, 'data', 'telco-customer-churn.csv')
const flags = process.argv.slice(2)
const rounds = Number(flags[flags.indexOf('--rounds') + 1]) || 3

const python = interpreter()
const variables = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', GIT_PYTHON_REFRESH: 'quiet' }

const ours = []
const floors = []
for (let round = 0; round < rounds; round++) {
  floors.push(timed('floor', (folder) => [python, join(root, 'scripts/bench/floor.py'), data, folder]))
  ours.push(
    timed('churn-ops train', (folder) => [
      ...[process.execPath, bin, 'train', '--json', '--quiet', '--python', python],
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

function median(runs) {
  return [...runs].sort((a, b) => a.seconds - b.seconds)[Math.floor(runs.length / 2)]
}

function print(name, { seconds }) {
  console.log(`${name.padEnd(44)} ${seconds.toFixed(1).padStart(7)} s`)
}

function interpreter() {
  if (process.env.CHURN_OPS_TEST_PYTHON) return process.env.CHURN_OPS_TEST_PYTHON
  const setup = JSON.parse(execFileSync(process.execPath, [bin, 'setup', '--json'], { encoding: 'utf8' }))
  return setup.result.python.path ?? setup.result.python.interpreter
}
