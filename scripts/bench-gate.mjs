// What the gate lets through: twins, a tuned against a deep forest, all columns against few, on many splits; what
// `not-worse` lets through of equal and of worse models, on ever more customers; and how long `promote` takes next to
// importing what it needs and one registry read.
// Usage: npm run bench:gate [-- --splits N] [-- --trees N] [-- --repeats N] [-- --no-time]
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decideGate } from '../dist/domain/promotion/gate.js'
import { policyRules } from '../dist/domain/promotion/policy.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'dist', 'bin.js')
const flags = process.argv.slice(2)
const option = (name, preset) => (flags.includes(name) ? flags[flags.indexOf(name) + 1] : preset)
const python = interpreter()
const variables = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', GIT_PYTHON_REFRESH: 'quiet' }

countSwaps(option('--splits', '40'), option('--trees', '100'))
countNotWorse(option('--repeats', '400'), option('--trees', '100'))
if (!flags.includes('--no-time')) timePromotion()

function countSwaps(splits, trees) {
  const printed = execFileSync(
    python,
    [join(root, 'scripts/bench/gate.py'), '--splits', splits, '--trees', trees],
    { encoding: 'utf8', maxBuffer: 1e8, env: variables },
  )
  const rules = policyRules.parse({})
  const cases = new Map()
  for (const line of printed.trim().split('\n')) {
    const { case: name, compared } = JSON.parse(line)
    const gate = decideGate(compared, { champion: '1', challenger: '2', source: 'held-out' }, rules)
    const seen = cases.get(name) ?? { pairs: 0, promoted: 0, higher: 0, visible: 0 }
    seen.pairs += 1
    seen.promoted += gate.promotes ? 1 : 0
    seen.higher += gate.difference > 0 ? 1 : 0
    seen.visible += gate.smallestVisible
    cases.set(name, seen)
  }
  console.log('case               pairs  promoted by the gate  by the higher F1  smallest visible difference')
  for (const [name, { pairs, promoted, higher, visible }] of cases) {
    const cells = [String(pairs).padStart(5), String(promoted).padStart(20), String(higher).padStart(16)]
    console.log(`${name.padEnd(17)}  ${cells.join('  ')}  ${(visible / pairs).toFixed(4).padStart(27)}`)
  }
}

function countNotWorse(repeats, trees) {
  const printed = execFileSync(
    python,
    [join(root, 'scripts/bench/gate.py'), '--not-worse', '--repeats', repeats, '--trees', trees],
    { encoding: 'utf8', maxBuffer: 1e9, env: variables },
  )
  const rules = policyRules.parse({ gate: 'not-worse' })
  const cases = new Map()
  for (const line of printed.trim().split('\n')) {
    const { case: name, compared } = JSON.parse(line)
    const { outcome } = decideGate(compared, { champion: '1', challenger: '2', source: 'held-out' }, rules)
    const seen = cases.get(name) ?? {}
    cases.set(name, { ...seen, [outcome]: (seen[outcome] ?? 0) + 1 })
  }
  const outcomes = ['not-worse', 'refused', 'not-enough-data']
  console.log(`\n${'gate not-worse'.padEnd(34)}  ${outcomes.join('  ')}`)
  for (const [name, seen] of cases) {
    const shares = outcomes.map((outcome) =>
      `${((100 * (seen[outcome] ?? 0)) / Number(repeats)).toFixed(1)} %`.padStart(outcome.length),
    )
    console.log(`${name.padEnd(34)}  ${shares.join('  ')}`)
  }
  console.log('')
}

function timePromotion() {
  const folder = mkdtempSync(join(tmpdir(), 'churn-ops-bench-'))
  try {
    const run = (...argv) =>
      execFileSync(process.execPath, [bin, ...argv, '--json', '--quiet', '--python', python], {
        cwd: folder,
        env: variables,
        encoding: 'utf8',
        maxBuffer: 1e8,
      })
    run('train')
    cpSync(join(folder, 'mlflow.db'), join(folder, 'before.db'))
    const uri = `sqlite:///${join(folder, 'mlflow.db')}`
    const read = `
import mlflow, numpy
from mlflow import MlflowClient
client = MlflowClient("${uri}")
client.search_model_versions("name = 'RandomForestGridSearch'")
client.get_registered_model("RandomForestGridSearch")`
    const floors = []
    const firsts = []
    const seconds = []
    let unchanged = true
    for (let round = 0; round < 5; round++) {
      floors.push(
        timed(() => execFileSync(python, ['-c', read], { cwd: folder, env: variables, stdio: 'ignore' })),
      )
      cpSync(join(folder, 'before.db'), join(folder, 'mlflow.db'))
      // Otherwise the journal tells of a champion that the old database does not have.
      rmSync(join(folder, '.churn-ops', 'journal.jsonl'), { force: true })
      firsts.push(timed(() => run('promote')))
      const hash = sha256(join(folder, 'mlflow.db'))
      seconds.push(timed(() => run('promote')))
      unchanged &&= hash === sha256(join(folder, 'mlflow.db'))
    }
    const floor = median(floors)
    console.log(`imports and one registry read: ${floor.toFixed(2)} s`)
    for (const [name, times] of [
      ['first promote of 27 versions', firsts],
      ['second promote', seconds],
    ])
      console.log(`${name}: ${median(times).toFixed(2)} s, ${(median(times) / floor).toFixed(2)} times that`)
    console.log(`a second promote leaves the database ${unchanged ? 'unchanged' : 'CHANGED'}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function timed(work) {
  const started = performance.now()
  work()
  return (performance.now() - started) / 1000
}

function median(times) {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]
}

function sha256(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

function interpreter() {
  if (process.env.CHURN_OPS_TEST_PYTHON) return process.env.CHURN_OPS_TEST_PYTHON
  const setup = JSON.parse(execFileSync(process.execPath, [bin, 'setup', '--json'], { encoding: 'utf8' }))
  return setup.result.python.interpreter
}
