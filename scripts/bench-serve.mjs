// One row over HTTP: `churn-ops serve` with the compiled forest against `mlflow models serve`, side by side in one run.
// Usage: npm run bench:serve [-- --requests N]
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'dist', 'bin.js')
const flag = process.argv.indexOf('--requests')
const requests = flag < 0 ? 3000 : Number(process.argv[flag + 1])
const ROUNDS = 3
const WARM_UP = 100

const folder = mkdtempSync(join(tmpdir(), 'churn-ops-bench-'))
const servers = []
try {
  const grid = ['n_estimators=200', 'max_depth=none', 'min_samples_split=10'].flatMap((each) => [
    '--grid',
    each,
  ])
  churnOps('train', '--quiet', ...grid)
  churnOps('promote', '--policy', 'documents', '--quiet')
  const body = oneCustomer()
  const first = await started('first start, with the proof')
  first.kill()
  const ours = { name: 'churn-ops serve (compiled)', port: await freePort(), times: [] }
  const server = await started('start with a kept proof', ours.port)
  const theirs = { name: 'mlflow models serve', port: await freePort(), times: [] }
  const parameters = [
    '-m',
    'models:/RandomForestGridSearch/Production',
    '--env-manager',
    'local',
    '--port',
    theirs.port,
  ]
  run(['mlflow', 'models', 'serve', ...parameters.map(String)])
  await untilAnswers(theirs.port)
  for (let round = 0; round < ROUNDS; round++) {
    ours.times.push(...(await times(ours.port, body, requests)))
    theirs.times.push(...(await times(theirs.port, body, Math.ceil(requests / 10))))
  }
  for (const { name, times: found } of [ours, theirs]) {
    console.log(
      `${name.padEnd(28)} median ${quantile(found, 0.5)} ms, 99 of 100 within ${quantile(found, 0.99)} ms`,
    )
  }
  console.log(`ratio of the medians: ${(quantile(theirs.times, 0.5) / quantile(ours.times, 0.5)).toFixed(0)}`)
  if (process.platform === 'linux') {
    const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]
    console.log(`memory of the front: ${(Number(resident) / 1024).toFixed(0)} MB`)
  }
} finally {
  for (const server of servers) stop(server)
  await setTimeout(500)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
}

function churnOps(...parameters) {
  return execFileSync(process.execPath, [bin, ...parameters], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Starts a command of ours as the leader of a group, which ends as one. */
function run(parameters) {
  const server = spawn(process.execPath, [bin, ...parameters], {
    cwd: folder,
    detached: true,
    stdio: 'ignore',
  })
  servers.push(server)
  return server
}

function stop(server) {
  try {
    process.kill(-server.pid, 'SIGTERM')
  } catch {
    // It has ended.
  }
}

async function started(what, wanted) {
  const port = wanted ?? (await freePort())
  const begun = performance.now()
  const server = run(['serve', '--engine', 'compiled', '--port', String(port)])
  await untilAnswers(port)
  console.log(`${what}: first answer after ${((performance.now() - begun) / 1000).toFixed(2)} s`)
  return { pid: server.pid, kill: () => stop(server) }
}

async function untilAnswers(port) {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/ping`).catch(() => null)
    if (answer?.ok) return
    await setTimeout(20)
  }
}

function oneCustomer() {
  const document = JSON.parse(readFileSync(join(root, 'test.json'), 'utf8'))
  for (const rows of [document.dataframe_split?.data, document.dataframe_records, document.instances])
    rows?.splice(1)
  return JSON.stringify(document)
}

async function times(port, body, count) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const found = []
  for (let at = -WARM_UP; at < count; at++) {
    const begun = performance.now()
    await ask(port, body, agent)
    if (at >= 0) found.push(performance.now() - begun)
  }
  agent.destroy()
  return found
}

function ask(port, body, agent) {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const options = { host: '127.0.0.1', port, path: '/invocations', method: 'POST', agent, headers }
  return new Promise((resolve, reject) => {
    const asked = request(options, (answer) => {
      answer.resume()
      answer.once('end', () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode}`)),
      )
    })
    asked.once('error', reject)
    asked.end(body)
  })
}

function quantile(found, share) {
  const sorted = [...found].sort((one, other) => one - other)
  return Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(3))
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
