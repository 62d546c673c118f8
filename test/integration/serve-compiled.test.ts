import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { compose, packageRoot, type Services } from '../../src/compose.js'
import { TELCO_SCHEMA } from '../../src/domain/table/telco-schema.js'
import { type Serving, serve } from '../../src/usecases/serving/serve.js'
import { testPython } from '../helpers/python.js'
import { runForAnswer, runMain } from '../helpers/run-main.js'
import { sharedPython } from '../helpers/shared-python.js'
import { TELCO_CSV, tableFolder } from '../helpers/table-folder.js'

// One of the engines compared is MLflow's own server.
const SLOW_MS = 300_000
const MODEL = 'RandomForestGridSearch'
const FOREST = '1'
const LOGISTIC = '2'
let folder: Awaited<ReturnType<typeof tableFolder>>
let python: string
const running: Services[] = []

beforeAll(async () => {
  python = await testPython()
  folder = await tableFolder()
  const lines = readFileSync(TELCO_CSV, 'utf8').split('\n').slice(0, 401)
  await folder.put('customers.csv', `${lines.join('\n')}\n`)
  const grid = ['n_estimators=5', 'max_depth=4', 'min_samples_split=5'].flatMap((each) => ['--grid', each])
  for (const argv of [
    ['train', '--data', 'customers.csv', ...grid],
    ['promote', '--policy', 'documents'],
    ['train', '--data', 'customers.csv', '--estimator', 'logistic-regression', '--grid', 'C=1'],
  ])
    expect((await runForAnswer(folder.path, ...argv, '--python', python)).error).toBeNull()
}, SLOW_MS)
afterEach(async () => {
  await Promise.all(running.splice(0).map((services) => services.dispose()))
})
afterAll(() => folder?.remove())

/** Serves in this process; `asked` are the methods that Python was asked. */
async function served(
  engine: 'auto' | 'compiled' | 'mlflow',
  pin: string | null = null,
): Promise<Serving & { asked: string[]; said: string[] }> {
  const asked: string[] = []
  const said: string[] = []
  const trackingUri = `sqlite:///${folder.path}/mlflow.db`
  const services = compose({
    trackingUri,
    python,
    onProgress: () => undefined,
    startPython: async (options) => {
      const { call, dispose } = await sharedPython(options)
      return {
        dispose,
        call: (method, ...more) => {
          asked.push(method)
          return call(method, ...more)
        },
      }
    },
  })
  running.push(services)
  const say = (line: string): void => void said.push(line)
  const serving = await serve(
    {
      store: { trackingUri, model: MODEL },
      port: 0,
      host: '127.0.0.1',
      allowedHosts: [],
      apiKey: undefined,
      engine,
      pin,
      allowPickle: null,
      idColumn: TELCO_SCHEMA.id,
    },
    {
      ...services,
      requestLog: () => services.requestLog(say),
      pid: process.pid,
      onProgress: () => undefined,
      say,
    },
  )
  return { ...serving, asked, said }
}

async function told(url: string, path: string): Promise<unknown> {
  return (await fetch(`${url}${path}`)).json()
}

async function predictions(url: string): Promise<unknown[]> {
  const { stdout } = await runMain(folder.path, 'predict', 'customers.csv', '--url', url, '--json')
  return JSON.parse(stdout).result.predictions
}

test(
  'the compiled engine gives every row the very probability of MLflow’s server, and is proven only once',
  async () => {
    const first = await served('auto')
    expect(first.served).toMatchObject({ version: FOREST, reason: null, engine: { kind: 'compiled' } })
    expect(first.served.proof?.rows).toBeGreaterThan(3_400)
    expect(first.served.proof?.equal).toBe(first.served.proof?.rows)
    expect(first.asked).toContain('serving.compile_forest')
    const { url } = first.front
    expect(await told(url, '/version')).toEqual({ model: MODEL, version: FOREST, engine: 'compiled' })
    expect(await told(url, '/health')).toMatchObject({ status: 'ok', engine: 'compiled', reason: null })

    // `registry.versions` reads a SQLite store without MLflow, which test_registry_reader.py shows.
    const second = await served('auto')
    expect([second.asked, second.served.proof]).toEqual([['registry.versions'], first.served.proof])

    const mlflow = await served('mlflow')
    expect(mlflow.served).toMatchObject({ proof: null, reason: null, engine: { kind: 'mlflow' } })
    const theirs = await predictions(mlflow.front.url)
    expect(theirs).toHaveLength(400)
    expect(await predictions(url)).toEqual(theirs)
    expect(await predictions(second.front.url)).toEqual(theirs)
  },
  SLOW_MS,
)

test(
  'a number beyond what the trees compute with is refused by row and column, in both protocols',
  async () => {
    const { front } = await served('compiled')
    const body = JSON.parse(readFileSync(join(packageRoot, 'test.json'), 'utf8'))
    const { columns, data } = body.dataframe_split
    const at = columns.indexOf('MonthlyCharges')
    const huge = data.map((row: unknown[], place: number) =>
      place === 1 ? row.map((value, column) => (column === at ? 1e39 : value)) : row,
    )
    const ask = (path: string, sent: unknown): Promise<Response> =>
      fetch(`${front.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(sent),
      })
    const refused = await ask('/invocations', { dataframe_split: { columns, data: huge } })
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ problems: [{ row: 2, column: 'MonthlyCharges' }] })
    const largest = data.map((row: unknown[]) =>
      row.map((value, column) => (column === at ? 3.4028234663852886e38 : value)),
    )
    expect((await ask('/invocations', { dataframe_split: { columns, data: largest } })).status).toBe(200)

    const numbers = ['tenure', 'MonthlyCharges', 'TotalCharges', 'SeniorCitizen']
    const inputs = columns.map((name: string, place: number) => ({
      name,
      shape: [1],
      datatype: numbers.includes(name) ? 'FP64' : 'BYTES',
      data: [huge[1][place]],
    }))
    const inferred = await ask(`/v2/models/${MODEL}/infer`, { inputs })
    expect([inferred.status, await inferred.json()]).toEqual([
      400,
      expect.objectContaining({ error: expect.stringContaining('MonthlyCharges') }),
    ])
  },
  SLOW_MS,
)

test(
  'a model that cannot be compiled is refused by `--engine compiled`, and served by MLflow with the reason otherwise',
  async () => {
    const argv = ['serve', '--port', '0', '--engine', 'compiled', '--pin', LOGISTIC, '--python', python]
    const refused = await runMain(folder.path, ...argv, '--json')
    expect(refused.exitCode).toBe(4)
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('LogisticRegression'),
    })
    const { front, said, served: version } = await served('auto', LOGISTIC)
    expect(version.engine.kind).toBe('mlflow')
    expect(await told(front.url, '/health')).toMatchObject({
      status: 'ok',
      engine: 'mlflow',
      reason: expect.stringContaining('LogisticRegression'),
    })
    expect(said).toEqual([
      expect.stringMatching(/^Version 2 is served by MLflow, not compiled: it is a LogisticRegression/),
    ])
  },
  SLOW_MS,
)
