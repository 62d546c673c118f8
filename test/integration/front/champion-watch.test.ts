import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageRoot, pythonVariables } from '../../../src/compose.js'
import { createChampionWatch } from '../../../src/serving/champion-watch.js'
import { createModelServer } from '../../../src/serving/model-server.js'
import { type Postgres, startPostgres } from '../../helpers/postgres.js'
import { testPython } from '../../helpers/python.js'

const SLOW_MS = 200_000
const MODEL = "Churn ' model"
const folder = mkdtempSync(join(tmpdir(), 'churn-ops-watch-'))
let python: string
let postgres: Postgres | { missing: string }

beforeAll(async () => {
  python = await testPython()
  postgres = await startPostgres()
}, SLOW_MS)
afterAll(async () => {
  if ('close' in postgres) await postgres.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs lines of MLflow's own client on a store. */
function client(trackingUri: string, ...lines: string[]): void {
  const code = ['import sys, mlflow', 'c, m = mlflow.MlflowClient(sys.argv[1]), sys.argv[2]', ...lines].join(
    '\n',
  )
  execFileSync(python, ['-W', 'ignore', '-c', code, trackingUri, MODEL], {
    cwd: folder,
    env: { ...process.env, ...pythonVariables() },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

const makeModel = [
  'c.create_registered_model(m)',
  "for _ in range(2): c.create_model_version(m, 's3://bucket/model')",
  "c.set_registered_model_alias(m, 'champion', '1')",
]

/** How often a watch calls back while the alias moves once. */
async function callsWhileMoved(trackingUri: string): Promise<number> {
  const stop = new AbortController()
  const run = await createChampionWatch().begin({ trackingUri, model: MODEL })
  let calls = 0
  await new Promise<void>((resolve) => {
    const called = async (): Promise<boolean> => {
      calls += 1
      stop.abort()
      return true
    }
    run(called, stop.signal).then(resolve)
    client(trackingUri, "c.set_registered_model_alias(m, 'champion', '2')")
  })
  return calls
}

test(
  'the file of a SQLite store shows that the alias has moved; reading it shows nothing',
  async () => {
    const trackingUri = `sqlite:///${join(folder, 'mlflow.db')}`
    client(trackingUri, ...makeModel)
    const stop = new AbortController()
    const run = await createChampionWatch().begin({ trackingUri, model: MODEL })
    let calls = 0
    const watching = run(async () => {
      calls += 1
      return true
    }, stop.signal)
    client(trackingUri, "c.get_model_version_by_alias(m, 'champion')", 'c.search_model_versions()')
    stop.abort()
    await watching
    expect(calls).toBe(0)
    expect(await callsWhileMoved(trackingUri)).toBe(1)
  },
  SLOW_MS,
)

test(
  'a tracking server is asked for the alias',
  async () => {
    const servers = createModelServer({
      interpreter: python,
      binFolder: dirname(python),
      launcher: join(packageRoot, 'python', 'churn_ops_launch.py'),
      variables: pythonVariables(),
    })
    const store = { trackingUri: `sqlite:///${join(folder, 'served.db')}`, model: MODEL }
    client(store.trackingUri, ...makeModel)
    const { url } = await servers.ui({ store, port: 0, onProgress: () => undefined })
    expect(await callsWhileMoved(url)).toBe(1)
    await servers.dispose()
  },
  SLOW_MS,
)

test(
  'PostgreSQL is asked for the row of the alias, over a connection that is made anew',
  async ({ skip }) => {
    if ('missing' in postgres) return skip(postgres.missing)
    const trackingUri = await postgres.database()
    client(trackingUri, ...makeModel)
    const { championByPostgres } = await import('../../../src/serving/champion-by-postgres.js')
    const eye = championByPostgres({ trackingUri, model: MODEL })
    expect(await eye.look()).toBe('1')
    await postgres.stop()
    expect(await eye.look()).toBe('away')
    await postgres.start()
    expect(await eye.look()).toBe('1')
    await eye.close()
    expect(await callsWhileMoved(trackingUri)).toBe(1)
  },
  SLOW_MS,
)
