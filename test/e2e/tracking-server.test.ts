import { mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testPython } from '../helpers/python.js'
import {
  type Finished,
  freePort,
  type Running,
  runCommand,
  startCommand,
  untilAnswers,
} from '../helpers/terminal.js'
import { makeWorkspace, PROGRAM, type Workspace } from '../helpers/workspace.js'

const SLOW_MS = 240_000

let workspace: Workspace
let temporary: string
let variables: Record<string, string | undefined>
const started: Running[] = []

beforeAll(async () => {
  workspace = await makeWorkspace()
  temporary = join(workspace.path, 'temporary')
  mkdirSync(temporary)
  const port = await freePort()
  const mlflow = join(dirname(await testPython()), 'mlflow')
  const server = start(
    `exec '${mlflow}' ui --backend-store-uri sqlite:///mlflow.db --port ${port} --workers 1`,
    {
      ...workspace.variables,
      PATH: `${dirname(mlflow)}:${process.env.PATH}`,
      MLFLOW_DISABLE_TELEMETRY: 'true',
    },
  )
  const store = `http://127.0.0.1:${port}`
  variables = {
    ...workspace.variables,
    MLFLOW_TRACKING_URI: store,
    TMPDIR: temporary,
    // A busy machine is no reason to fail here; how soon a silent server is given up is tested elsewhere.
    MLFLOW_HTTP_REQUEST_TIMEOUT: '60',
  }
  await untilAnswers(`${store}/health`, server)
}, SLOW_MS)

afterAll(async () => {
  for (const running of started.reverse()) await running.stop()
  expect(await workspace.left()).toEqual([])
  workspace.remove()
}, SLOW_MS)

function start(line: string, environment: Record<string, string | undefined>): Running {
  const running = startCommand(line, { folder: workspace.path, variables: environment })
  started.push(running)
  return running
}

async function run(command: string): Promise<Record<string, unknown>> {
  const finished: Finished = await runCommand(`${PROGRAM} ${command} --json`, {
    folder: workspace.path,
    variables,
  })
  expect(finished.code, `${command}: ${finished.stdout}${finished.stderr}`).toBe(0)
  return JSON.parse(finished.stdout).result
}

test(
  'the whole loop runs against a tracking server behind HTTP',
  async () => {
    const trained = await run('train')
    expect(trained.candidates).toMatchObject([{ version: '1' }, { version: '2' }])
    const promoted = await run('promote')
    expect(promoted).toMatchObject({ applied: true, changed: 2 })
    const { version } = promoted.champion as { version: string }
    const port = await freePort()
    const server = start(`exec ${PROGRAM} serve --port ${port}`, variables)
    const url = `http://127.0.0.1:${port}`
    await untilAnswers(`${url}/ping`, server)

    const customers = `'${join(import.meta.dirname, '..', '..', 'test.json')}'`
    expect(await run(`predict ${customers} --url ${url}`)).toMatchObject({
      version,
      counts: { rows: 2, scored: 2 },
      predictions: [{ row: 1, probability: expect.any(Number) }, { row: 2 }],
    })
    expect(await run(`monitor --url ${url}`)).toMatchObject({ verdict: 'healthy', version })
    const { versions } = (await run('models')) as { versions: { version: string; aliases: string[] }[] }
    expect(versions).toHaveLength(2)
    expect(versions.find(({ aliases }) => aliases.includes('champion'))).toMatchObject({ version })

    await server.stop()
    expect(readdirSync(temporary)).toEqual([])
  },
  SLOW_MS,
)
