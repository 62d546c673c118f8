// What the crash protocol costs: the default training with it and without it, in turn, on one machine.
// Usage: npm run bench:protocol [-- --rounds N]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'dist', 'bin.js')
const flags = process.argv.slice(2)
const rounds = flags.includes('--rounds') ? Number(flags[flags.indexOf('--rounds') + 1]) : 5
const python = process.env.CHURN_OPS_TEST_PYTHON ?? managedInterpreter()

const runs = { without: [], with: [] }
for (let round = 0; round <= rounds; round++) {
  // Which one is first changes, for a machine is seldom the same twice.
  const order = round % 2 === 0 ? ['without', 'with'] : ['with', 'without']
  for (const how of order) {
    const run = timed(how)
    console.error(`${how.padEnd(8)} ${run.seconds.toFixed(2)} s, CPU ${run.cpuSeconds.toFixed(2)} s`)
    // The first round only warms the caches.
    if (round > 0) runs[how].push(run)
  }
}
for (const [unit, name] of [
  ['seconds', 'time'],
  ['cpuSeconds', 'CPU time'],
]) {
  const [without, protocol] = [median(runs.without, unit), median(runs.with, unit)]
  const share = (100 * (protocol - without)) / without
  console.log(
    `${name.padEnd(8)} without ${without.toFixed(2)} s, with ${protocol.toFixed(2)} s: ${share >= 0 ? '+' : ''}${share.toFixed(1)} %`,
  )
}

function timed(how) {
  const folder = mkdtempSync(join(tmpdir(), 'churn-ops-bench-'))
  try {
    const data = join(root, 'data', 'telco-customer-churn.csv')
    const printed = execFileSync(python, [join(root, 'scripts/bench/protocol.py'), data, folder, how], {
      encoding: 'utf8',
      env: {
        ...process.env,
        MLFLOW_DISABLE_TELEMETRY: 'true',
        OMP_WAIT_POLICY: 'PASSIVE',
        OPENBLAS_NUM_THREADS: '1',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return JSON.parse(printed.trim().split('\n').at(-1))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function median(list, unit) {
  const sorted = list.map((run) => run[unit]).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

function managedInterpreter() {
  const setup = JSON.parse(execFileSync(process.execPath, [bin, 'setup', '--json'], { encoding: 'utf8' }))
  return setup.result.python.interpreter
}
