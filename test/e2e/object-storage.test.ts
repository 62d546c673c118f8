import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ObjectStorage, startObjectStorage } from '../helpers/object-storage.js'
import { freePort, type Running, runCommand, startCommand, untilAnswers } from '../helpers/terminal.js'
import { makeWorkspace, PROGRAM, type Workspace } from '../helpers/workspace.js'

const SLOW_MS = 300_000

let storage: ObjectStorage | { missing: string }
let workspace: Workspace
let variables: Record<string, string | undefined>
const servers: Running[] = []

beforeAll(async () => {
  storage = await startObjectStorage()
  workspace = await makeWorkspace({ artifacts: 's3://models/churn' })
  if ('missing' in storage) return
  const temporary = join(workspace.path, 'temporary')
  mkdirSync(temporary)
  variables = { ...workspace.variables, ...storage.variables, TMPDIR: temporary }
}, SLOW_MS)

afterAll(async () => {
  for (const server of servers) await server.stop()
  if ('close' in storage) await storage.close()
  expect(await workspace.left()).toEqual([])
  workspace.remove()
}, SLOW_MS)

async function run(command: string, more: Record<string, string | undefined> = {}) {
  const finished = await runCommand(`${PROGRAM} ${command} --json`, {
    folder: workspace.path,
    variables: { ...variables, ...more },
  })
  return { ...finished, document: JSON.parse(finished.stdout), told: `${command}: ${finished.stderr}` }
}

async function result(command: string) {
  const finished = await run(command)
  expect(finished.code, `${finished.told}${finished.stdout}`).toBe(0)
  return finished.document.result
}

function running(): ObjectStorage {
  if ('missing' in storage) throw new Error(storage.missing)
  return storage
}

test.sequential(
  'a bucket that is not there is told before anything is made',
  async (context) => {
    if ('missing' in storage) return context.skip(storage.missing)
    const refused = await run('train --artifacts s3://no-such-bucket/churn')
    expect(refused.code).toBe(7)
    expect(refused.document.error).toMatchObject({
      code: 'ARTIFACTS_UNREACHABLE',
      message: expect.stringContaining('there is no such bucket'),
    })
    expect(existsSync(join(workspace.path, 'mlflow.db'))).toBe(false)
  },
  SLOW_MS,
)

test.sequential(
  'the whole loop keeps its files in a bucket and its records in SQLite',
  async (context) => {
    if ('missing' in storage) return context.skip(storage.missing)
    const trained = await result('train')
    expect(trained).toMatchObject({ candidates: [{ version: '1' }, { version: '2' }], warnings: [] })
    const keys = await running().objects()
    expect(keys.filter((key) => key.endsWith('/artifacts/model.skops'))).toHaveLength(2)
    expect(keys.every((key) => key.startsWith('churn/customerchurn/'))).toBe(true)
    expect(existsSync(join(workspace.path, 'mlruns'))).toBe(false)

    const promoted = await result('promote')
    const { version } = promoted.champion as { version: string }
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const server = startCommand(`exec ${PROGRAM} serve --port ${port}`, { folder: workspace.path, variables })
    servers.push(server)
    await untilAnswers(`${url}/ping`, server)

    const customers = `'${join(import.meta.dirname, '..', '..', 'test.json')}'`
    expect(await result(`predict ${customers} --url ${url}`)).toMatchObject({
      counts: { scored: 2 },
      version,
    })
    expect(await result(`monitor --sample 300 --url ${url}`)).toMatchObject({ verdict: 'healthy', version })
    const { files } = (await result('report 1 --output out')) as { files: string[] }
    expect(files.map((file) => statSync(file).size).every((size) => size > 0)).toBe(true)

    const other = await result('train --artifacts elsewhere')
    expect(other.candidates.every(({ reused }: { reused: boolean }) => reused)).toBe(true)
    expect(other.warnings).toEqual([
      expect.stringContaining('still keeps its files in s3://models/churn/customerchurn'),
    ])
    await server.stop()
    expect(readdirSync(join(workspace.path, 'temporary'))).toEqual([])
  },
  SLOW_MS,
)

test.sequential('credentials are written nowhere in the folder', (context) => {
  if ('missing' in storage) return context.skip(storage.missing)
  const secret = running().variables.AWS_SECRET_ACCESS_KEY ?? ''
  expect(secret.length).toBeGreaterThan(10)
  const files = readdirSync(workspace.path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(workspace.path, name))
    .filter((path) => statSync(path).isFile())
  expect(files.length).toBeGreaterThan(3)
  expect(files.filter((path) => readFileSync(path).includes(secret))).toEqual([])
})

test.sequential(
  'storage that has gone is told by every command that needs it',
  async (context) => {
    if ('missing' in storage) return context.skip(storage.missing)
    await running().stop()
    for (const command of ['train --force', 'serve --engine mlflow --port 0', 'report 1']) {
      const refused = await run(command)
      expect(refused.code, `${refused.told}${refused.stdout}`).toBe(7)
      expect(refused.document.error).toMatchObject({ code: 'ARTIFACTS_UNREACHABLE' })
    }
    expect((await result('models')).versions).toHaveLength(2)
  },
  SLOW_MS,
)
