import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { packageRoot, pythonVariables } from '../../../src/compose.js'
import { descendants } from '../../../src/process/process-tree.js'
import { type LiveModel, makeLiveModel } from '../../helpers/live-model.js'
import { type Program, startProgram } from '../../helpers/program.js'
import { testPython } from '../../helpers/python.js'

// MLflow's own server needs ten seconds to start, far more on a busy machine.
const SLOW_MS = 400_000
const CLIENTS = 4
const folder = mkdtempSync(join(tmpdir(), 'churn-ops-swap-'))
const body = readFileSync(join(packageRoot, 'test.json'), 'utf8')
const detailed = JSON.stringify({ ...JSON.parse(body), params: { detail: true } })
let live: LiveModel
let python: string
let program: Program | undefined
const restore: [string, Buffer][] = []

beforeAll(async () => {
  live = await makeLiveModel(folder, 400, 3)
  python = await testPython()
}, SLOW_MS)
afterEach(async () => {
  await program?.cleanUp()
  program = undefined
  for (const [path, content] of restore.splice(0)) writeFileSync(path, content)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function serve(
  ...options: string[]
): Promise<{ url: string; version: string; engine: string; program: Program }> {
  program = startProgram(['serve', '--port', '0', '--python', python, '--json', ...options], { folder })
  const { result } = JSON.parse(await program.firstLine)
  return { ...result, program }
}

/** Moves the alias as somebody does who has never heard of churn-ops. */
async function moveAlias(version: string): Promise<void> {
  const code =
    'import sys, mlflow; mlflow.MlflowClient(sys.argv[1]).set_registered_model_alias(*sys.argv[2:])'
  await promisify(execFile)(
    python,
    ['-W', 'ignore', '-c', code, live.trackingUri, live.model, 'champion', version],
    {
      env: { ...process.env, ...pythonVariables() },
    },
  )
}

/** Clients that ask one question after the other until they are stopped; counts answers by what they are. */
function load(url: string): { stop(): Promise<Map<string, number>> } {
  const counts = new Map<string, number>()
  let isStopped = false
  const ask = async (): Promise<string> => {
    const answer = await fetch(`${url}/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-churn-ops-source': 'load' },
      body: detailed,
    })
    const text = await answer.text()
    if (answer.status !== 200) return `${answer.status} ${text}`
    const { predictions } = JSON.parse(text) as { predictions: { version: string }[] }
    return `version ${predictions[0]?.version}`
  }
  const client = async (): Promise<void> => {
    while (!isStopped) {
      const what = await ask().catch(String)
      counts.set(what, (counts.get(what) ?? 0) + 1)
    }
  }
  const clients = Promise.all(Array.from({ length: CLIENTS }, client))
  return {
    stop: async () => {
      isStopped = true
      await clients
      return counts
    },
  }
}

const served = async (url: string) =>
  ((await (await fetch(`${url}/version`)).json()) as { version: string }).version

test.each([
  ['compiled', 'auto', 1],
  // With the launcher, the server and its workers.
  ['mlflow', 'mlflow', 5],
])(
  'an alias moved by MLflow’s own client changes the version under load without a failed request; a damaged version never answers (engine %s)',
  async (engine, choice, processes) => {
    await moveAlias('1')
    const { url, version, program, ...result } = await serve('--engine', choice)
    expect([version, result.engine]).toEqual(['1', engine])
    const running = load(url)
    await moveAlias('2')
    await vi.waitFor(async () => expect(await served(url)).toBe('2'), { timeout: SLOW_MS / 2, interval: 200 })
    // The old engine goes when its last request is through, and no Python stays but that of the new engine.
    await vi.waitFor(
      async () => expect((await descendants(program.pid)).length).toBeLessThanOrEqual(processes),
      {
        timeout: 30_000,
        interval: 200,
      },
    )

    const damaged = await fileOfVersion('3')
    restore.push([damaged, readFileSync(damaged)])
    writeFileSync(damaged, 'no model')
    await moveAlias('3')
    const health = async () => (await (await fetch(`${url}/health`)).json()) as Record<string, unknown>
    await vi.waitFor(
      async () => expect(await health()).toMatchObject({ status: 'degraded', version: '2', engine }),
      {
        timeout: SLOW_MS / 4,
        interval: 200,
      },
    )
    expect((await health()).reason).toMatch(
      /Version 2 stays, since version 3 could not be served: .*MODEL_INTEGRITY/s,
    )
    const journal = readFileSync(join(folder, '.churn-ops', 'journal.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
    expect(JSON.parse(journal.at(-1) ?? '')).toMatchObject({ action: 'serve', version: '3', previous: '2' })

    const counts = await running.stop()
    expect([...counts.keys()].sort()).toEqual(['version 1', 'version 2'])
    const record = readdirSync(join(folder, '.churn-ops')).find((name) => name.startsWith('serve-')) ?? ''
    expect(JSON.parse(readFileSync(join(folder, '.churn-ops', record), 'utf8'))).toMatchObject({
      version: '2',
    })

    // Back to a good one: the reason goes.
    await moveAlias('2')
    await vi.waitFor(async () => expect(await health()).toMatchObject({ status: 'ok', reason: null }), {
      timeout: SLOW_MS / 4,
      interval: 200,
    })
  },
  SLOW_MS,
)

test(
  '--pin stays with its version, and a request that has arrived is answered before SIGTERM ends all',
  async () => {
    const { url, version, program } = await serve('--pin', '1')
    expect(version).toBe('1')
    const answers = Promise.all(
      Array.from({ length: 8 }, async () => {
        const answer = await fetch(`${url}/invocations`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        })
        return [answer.status, await answer.json()]
      }),
    )
    await vi.waitFor(async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text()
      const [, open] = /requests_in_progress (\d+)/.exec(metrics) ?? []
      const [, done] = /request_success_total\{version="1"\} (\d+)/.exec(metrics) ?? []
      expect(Number(open) + Number(done ?? 0)).toBeGreaterThanOrEqual(8)
    })
    program.signalGroup('SIGTERM')
    for (const [status, answer] of await answers)
      expect([status, answer]).toEqual([200, { predictions: [expect.any(Number), expect.any(Number)] }])
    expect((await program.ended).code).toBe(143)
  },
  SLOW_MS,
)

test(
  'a version that is not there, or an address without a key, is told before anything is served',
  async () => {
    for (const [options, code, exit] of [
      [['--pin', '99'], 'VERSION_UNKNOWN', 4],
      [['--host', '0.0.0.0'], 'API_KEY_MISSING', 8],
    ] as const) {
      const ended = startProgram(['serve', '--port', '0', '--python', python, '--json', ...options], {
        folder,
        variables: { CHURN_OPS_API_KEY: undefined },
      })
      const { code: exitCode, stdout } = await ended.ended
      await ended.cleanUp()
      expect([exitCode, JSON.parse(stdout).error.code]).toEqual([exit, code])
    }
  },
  SLOW_MS,
)

/** The model file of a version. */
async function fileOfVersion(version: string): Promise<string> {
  const code =
    'import sys, mlflow; print(mlflow.MlflowClient(sys.argv[1]).get_model_version_download_uri(*sys.argv[2:]))'
  const { stdout } = await promisify(execFile)(
    python,
    ['-W', 'ignore', '-c', code, live.trackingUri, live.model, version],
    { env: { ...process.env, ...pythonVariables() } },
  )
  return join(stdout.trim().replace(/^file:\/\//, ''), 'model.skops')
}
