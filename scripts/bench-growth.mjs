// Trains one forest on 7 k, 70 k and 700 k rows and shows how time and memory grow. Linux: memory is read from /proc.
// Usage: npm run bench:growth [-- --sizes 7043,70430,704300]
import { execFileSync, spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'dist', 'bin.js')
const bundled = join(root, 'data', 'telco-customer-churn.csv')
const flags = process.argv.slice(2)
const sizes = (flags[flags.indexOf('--sizes') + 1] ?? '').match(/^\d+(,\d+)*$/)
  ? flags[flags.indexOf('--sizes') + 1].split(',').map(Number)
  : [7_043, 70_430, 704_300]

const SETTING = ['n_estimators=50', 'max_depth=10', 'min_samples_split=2'].flatMap((one) => ['--grid', one])
// What streaming may add to Node's memory: garbage not collected yet, but no rows; 2.1 million rows add no more than 700,000.
const NODE_GROWTH_MB = 100
const SAMPLE_MS = 50
// USER_HZ, which Linux keeps at this on every machine.
const TICKS_A_SECOND = 100

const python = interpreter()
const folder = mkdtempSync(join(tmpdir(), 'churn-ops-growth-'))
try {
  console.log(`load before: ${loadavg()[0].toFixed(2)} on ${availableParallelism()} cores`)
  const measured = []
  for (const rows of sizes) {
    const data = join(folder, `customers-${rows}.csv`)
    await writeTable(data, rows)
    measured.push({ rows, ...(await train(data, join(folder, `store-${rows}`))) })
    const { seconds, cpu } = measured.at(-1)
    console.error(`${rows} rows: ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU`)
    rmSync(data)
  }
  report(measured)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The bundled rows again and again with other numbers and ids of their own, the same on every run. */
async function writeTable(path, rows) {
  const [header, ...lines] = readFileSync(bundled, 'utf8').trimEnd().split('\n')
  const names = header.split(',')
  const [id, tenure, monthly, total] = ['customerID', 'tenure', 'MonthlyCharges', 'TotalCharges'].map(
    (name) => names.indexOf(name),
  )
  const random = seeded(42)
  const file = createWriteStream(path)
  file.write(`${header}\n`)
  for (let row = 0; row < rows; row++) {
    const fields = lines[row % lines.length].split(',')
    fields[id] = `${fields[id]}-${Math.floor(row / lines.length)}`
    fields[monthly] = (Number(fields[monthly]) * (0.95 + 0.1 * random())).toFixed(2)
    if (fields[total].trim() !== '') {
      fields[tenure] = String(Math.max(1, Number(fields[tenure]) + Math.floor(3 * random()) - 1))
      fields[total] = (Number(fields[total]) * (0.95 + 0.1 * random())).toFixed(2)
    }
    if (!file.write(`${fields.join(',')}\n`)) await new Promise((resolve) => file.once('drain', resolve))
  }
  file.end()
  await finished(file)
}

/** Runs the built program; seconds by phase and the peak memory of Node, Python and its helpers in MB. */
async function train(data, store) {
  execFileSync('mkdir', ['-p', store])
  const started = performance.now()
  const child = spawn(
    process.execPath,
    [bin, 'train', '--json', '--quiet', '--data', data, '--python', python, ...SETTING],
    {
      cwd: store,
      env: { ...process.env, MLFLOW_TRACKING_URI: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const peaks = new Map()
  const sampling = setInterval(() => samplePeaks(child.pid, peaks), SAMPLE_MS)
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  const exitCode = await new Promise((resolve) => child.once('close', resolve))
  clearInterval(sampling)
  if (exitCode !== 0) throw new Error(`train ended with ${exitCode}: ${output}`)
  const seconds = (performance.now() - started) / 1000
  const { phases } = JSON.parse(output).result
  const of = (role) => [...peaks.values()].filter((one) => one.role === role).map((one) => one.peakMb)
  return {
    seconds,
    phases,
    cpu: [...peaks.values()].reduce((sum, one) => sum + one.cpu, 0),
    node: Math.max(...of('node')),
    main: Math.max(...of('python')),
    helpers: of('helper').reduce((sum, one) => sum + one, 0),
  }
}

/** Notes memory's high-water mark and the CPU time of a process and all below it; what is missed is the last moment. */
function samplePeaks(pid, peaks) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    const peakMb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
    const role = command.includes('bin.js') ? 'node' : command.includes('worker') ? 'helper' : 'python'
    // The command's name may hold blanks; it ends with the last bracket.
    const ticks = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')
    const cpu = (Number(ticks[11]) + Number(ticks[12])) / TICKS_A_SECOND
    // A process that was just forked still looks like its parent.
    if (peakMb > 0) peaks.set(`${pid} ${role}`, { role, peakMb, cpu })
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const children = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim()
      for (const below of children === '' ? [] : children.split(' ')) samplePeaks(below, peaks)
    }
  } catch {
    // It ended while it was looked at.
  }
}

function report(measured) {
  const mb = (value) => `${value.toFixed(0)} MB`
  console.log('\n| rows | time | CPU time | Node peak | Python peak | helper processes, peaks added |')
  console.log('| ---: | ---: | ---: | ---: | ---: | ---: |')
  for (const one of measured) {
    const cells = [
      one.rows.toLocaleString('en'),
      `${one.seconds.toFixed(1)} s`,
      `${one.cpu.toFixed(1)} s`,
      mb(one.node),
      mb(one.main),
      mb(one.helpers),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
  for (const one of measured) console.log(`${one.rows} rows, phases: ${JSON.stringify(one.phases)}`)

  const work = (rows) => rows * Math.log(rows)
  for (const [at, one] of measured.slice(1).entries()) {
    const before = measured[at]
    const allowed = work(one.rows) / work(before.rows)
    const grown = one.seconds / before.seconds
    verdict(
      grown <= allowed,
      `${before.rows} to ${one.rows} rows: ${grown.toFixed(1)} times the time; n log n allows ${allowed.toFixed(1)}`,
    )
  }
  if (measured.length >= 3) {
    // Start-up is the same for all, and would hide how the rest grows.
    const [first, middle, last] = [measured[0], measured.at(-2), measured.at(-1)]
    const grown = (last.cpu - first.cpu) / (middle.cpu - first.cpu)
    const allowed = (work(last.rows) - work(first.rows)) / (work(middle.rows) - work(first.rows))
    verdict(
      grown <= allowed,
      `CPU time beyond that of ${first.rows} rows: ${grown.toFixed(1)} times; n log n allows ${allowed.toFixed(1)}`,
    )
  }
  const added = measured.at(-1).node - measured[0].node
  verdict(
    added <= NODE_GROWTH_MB,
    `Node's peak grew by ${added.toFixed(0)} MB; streaming allows ${NODE_GROWTH_MB}`,
  )
}

function verdict(held, sentence) {
  console.log(`${held ? 'ok  ' : 'FAIL'} ${sentence}`)
  if (!held) process.exitCode = 1
}

function seeded(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function interpreter() {
  if (process.env.CHURN_OPS_TEST_PYTHON) return process.env.CHURN_OPS_TEST_PYTHON
  const setup = JSON.parse(execFileSync(process.execPath, [bin, 'setup', '--json'], { encoding: 'utf8' }))
  return setup.result.python.interpreter
}
