import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { main } from '../../src/cli/main.js'
import { createHostChecks } from '../../src/environment/host-checks.js'
import { setVariables } from '../helpers/variables.js'

let folder: string
let restore: () => void
let server: Server | undefined

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'churn-ops-doctor-')))
  restore = setVariables({ CHURN_OPS_HOME: join(folder, 'home'), MLFLOW_TRACKING_URI: undefined })
})
afterEach(async () => {
  restore()
  server?.close()
  server = undefined
  await rm(folder, { recursive: true, force: true })
})

function listen(listening: Server): Promise<number> {
  server = listening
  return new Promise((resolve) => {
    listening.listen(0, '127.0.0.1', () => {
      const address = listening.address()
      resolve(address !== null && typeof address === 'object' ? address.port : 0)
    })
  })
}

const around = (trackingUri: string) =>
  createHostChecks({ trackingUri, stateFolder: join(folder, '.churn-ops') })
const storeCheck = async (trackingUri: string) => (await around(trackingUri).store()).check

async function run(...argv: string[]): Promise<{ exitCode: number; stdout: string }> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  stderr.resume()
  const chunks: Buffer[] = []
  stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const signal = new AbortController().signal
  const exitCode = await main(argv, { stdout, stderr, environment: process.env, folder, signal })
  return { exitCode, stdout: Buffer.concat(chunks).toString() }
}

describe('doctor on a fresh machine', () => {
  it('installs nothing, names the cure and exits with the code of the first failing row', async () => {
    const store = `sqlite:///${join(folder, 'mlflow.db')}`
    const { exitCode, stdout } = await run('doctor', '--json', '--tracking-uri', store)
    const { ok, result } = JSON.parse(stdout)
    expect({ exitCode, ok }).toEqual({ exitCode: 5, ok: true })
    expect(result.python).toMatchObject({ version: expect.stringMatching(/^3\./) })
    expect(result.environment).toMatchObject({ ready: false, folder: null })
    const rows = new Map<string, Record<string, unknown>>(
      result.checks.map((check: { name: string }) => [check.name, check]),
    )
    expect(rows.get('environment')).toEqual({
      name: 'environment',
      ok: false,
      message: 'not created yet',
      cure: 'Run `churn-ops setup`.',
    })
    expect(rows.get('folder')).toMatchObject({ ok: true })
    expect(rows.get('store')).toMatchObject({
      ok: true,
      message: expect.stringContaining('nothing there yet'),
    })
    expect(rows.get('model RandomForestGridSearch')).toMatchObject({ ok: true })
    expect([...rows.keys()].at(-1)).toBe('port 8000')
  })

  it('shows each failing row with its cure below', async () => {
    const { stdout } = await run('doctor', '--python', join(folder, 'no-python'))
    expect(stdout).toMatch(/FAIL\s+Python\s+\S*no-python does not exist.*\n\s+→ Give --python the path/)
  })
})

describe('the row about the store', () => {
  it('takes a missing SQLite file for a store that is still to be made', async () => {
    expect(await storeCheck(`sqlite:///${join(folder, 'mlflow.db')}`)).toMatchObject({ ok: true })
  })

  it('names a file that is no SQLite file', async () => {
    const path = join(folder, 'mlflow.db')
    await writeFile(path, 'customerID,gender\n0001,Female\n')
    expect(await storeCheck(`sqlite:///${path}`)).toMatchObject({
      ok: false,
      message: `${path} is not a SQLite file`,
      code: 'STORE_UNREACHABLE',
    })
  })

  it('asks a server for its version, and keeps a password out of what it says', async () => {
    const port = await listen(
      createHttpServer((request, answer) => answer.end(request.url === '/version' ? '3.17.2' : '')),
    )
    expect(await storeCheck(`http://127.0.0.1:${port}/`)).toMatchObject({
      ok: true,
      message: expect.stringContaining('3.17.2'),
    })
    server?.close()
    const down = await storeCheck(`http://ann:secret@127.0.0.1:1`)
    expect(down).toMatchObject({
      ok: false,
      code: 'STORE_UNREACHABLE',
      cure: expect.stringContaining('churn-ops ui'),
    })
    expect(down.message).not.toContain('secret')
  })
})

describe('the rows about folder and port', () => {
  it('names a folder that cannot be written', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    const check = await createHostChecks({
      trackingUri: '',
      stateFolder: join(file, 'sub', '.churn-ops'),
    }).folder()
    expect(check).toMatchObject({ ok: false, code: 'NOT_WRITABLE', message: expect.stringContaining(file) })
  })

  it('says who holds the port, and that a free one is free', async () => {
    const port = await listen(createServer())
    expect(await around('').port(port)).toMatchObject({
      ok: false,
      code: 'PORT_IN_USE',
      message: expect.stringMatching(new RegExp(`^held by .+ \\(pid ${process.pid}\\)$`)),
      cure: expect.stringContaining(`--port ${port + 1}`),
    })
    await new Promise((resolve) => server?.close(resolve))
    expect(await around('').port(port)).toMatchObject({ ok: true, message: 'free' })
  })
})
