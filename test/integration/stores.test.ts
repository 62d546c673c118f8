import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeLiveModel } from '../helpers/live-model.js'
import { type Postgres, startPostgres } from '../helpers/postgres.js'
import { testPython } from '../helpers/python.js'
import { runMain } from '../helpers/run-main.js'
import { tableFolder, telcoRows } from '../helpers/table-folder.js'

// What the promise of ten seconds is measured against: from the moment at which the store was first asked.
const PROMISED_MS = 10_000
const GRID = ['n_estimators=5', 'max_depth=3', 'min_samples_split=5'].flatMap((one) => ['--grid', one])

let python: string
let folder: Awaited<ReturnType<typeof tableFolder>>
let postgres: Postgres | { missing: string }
const closing: (() => void)[] = []

beforeAll(async () => {
  python = await testPython()
  folder = await tableFolder()
  const { header, rows } = telcoRows(200)
  await folder.put('customers.csv', [header, ...rows])
  postgres = await startPostgres()
})
afterAll(async () => {
  for (const close of closing) close()
  if (!('missing' in postgres)) await postgres.close()
  await folder.remove()
})

async function run(command: string, trackingUri: string, ...more: string[]) {
  const argv = [command, ...more, '--tracking-uri', trackingUri, '--json', '--python', python]
  const { exitCode, stdout, stderr } = await runMain(folder.path, ...argv)
  // biome-ignore lint/suspicious/noExplicitAny: the printed document, judged by the tests.
  return { exitCode, stderr, document: JSON.parse(stdout) as any }
}

/** Starts a server of the tests; `asked` tells when it was last spoken to. */
async function listen(server: Server): Promise<{ port: number; asked: () => number }> {
  let at = 0
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    at = Date.now()
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port: (server.address() as AddressInfo).port, asked: () => at }
}

const page = '<html><body>Bad gateway of the office</body></html>'
const answering =
  (status: number, text: string): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'Content-Type': 'text/html' }).end(text)
const SILENT = (): Server => createServer()
const STATUS = (status: number): Server => createHttpServer(answering(status, page))
const SILENT_AFTER_HEALTH = (): Server =>
  createHttpServer((request, response) => {
    if (request.url === '/health') response.end('OK')
  })
const FAILING_AFTER_HEALTH = (): Server =>
  createHttpServer((request, response) => {
    if (request.url === '/health') response.end('OK')
    else answering(503, page)(request, response)
  })

describe('a store that does not answer as it should', () => {
  it.each([
    ['a silent server', SILENT, 'http', /did not respond in time/],
    ['a gateway that fails', () => STATUS(502), 'http', /status 502: .*Bad gateway of the office/],
    ['a server that is not ready', () => STATUS(503), 'http', /status 503: .*Bad gateway of the office/],
    ['a login page', () => STATUS(200), 'http', /a web page and is not an MLflow server: .*Bad gateway/],
    ['a gateway that refuses', () => STATUS(403), 'http', /status 403/],
    ['a server that falls silent', SILENT_AFTER_HEALTH, 'http', /did not respond in time/],
    ['a server that begins to fail', FAILING_AFTER_HEALTH, 'http', /status 503/],
    ['a silent PostgreSQL', SILENT, 'postgresql', /timeout expired/],
  ])('%s is told within ten seconds', async (_what, server, scheme, message) => {
    const { port, asked } = await listen(server())
    const userinfo = scheme === 'http' ? '' : 'me:s3same@'
    const output = await run('models', `${scheme}://${userinfo}127.0.0.1:${port}${userinfo && '/db'}`)
    expect([output.exitCode, output.document.error.code]).toEqual([7, 'STORE_UNREACHABLE'])
    expect(Date.now() - asked()).toBeLessThan(PROMISED_MS)
    expect(output.document.error.message).toMatch(message)
    expect(output.document.error.message).toContain(`127.0.0.1:${port}`)
    expect(JSON.stringify(output.document)).not.toContain('s3same')
  })

  it.each(['http://127.0.0.1:1', 'postgresql://me:s3same@127.0.0.1:1/db'])(
    '%s, where nothing listens, is told before a training does its imports',
    async (uri) => {
      const output = await run('train', uri, '--data', 'customers.csv', ...GRID)
      expect([output.exitCode, output.document.error.code]).toEqual([7, 'STORE_UNREACHABLE'])
      expect(output.document.error.message).toMatch(/[Cc]onnection refused/)
      expect(JSON.stringify(output.document)).not.toContain('s3same')
    },
  )

  it('is named with what is wrong with a PostgreSQL address', async (context) => {
    if ('missing' in postgres) return context.skip(postgres.missing)
    const uri = await postgres.database()
    const wrong = await run('models', uri.replace('s3same', 'wr0ng'))
    expect([wrong.exitCode, wrong.document.error.code]).toEqual([7, 'STORE_UNREACHABLE'])
    expect(wrong.document.error.message).toContain('password authentication failed')
    expect(JSON.stringify(wrong.document)).not.toContain('wr0ng')
    const nowhere = await run('models', uri.replace(/[^/]+$/, 'nowhere'))
    expect(nowhere.document.error.message).toContain('database "nowhere" does not exist')
    expect(nowhere.document.error.hint).toContain('createdb')
    const empty = await run('models', uri)
    expect([empty.exitCode, empty.document.error.code]).toEqual([4, 'NO_VERSIONS'])
  })
})

describe('a SQLite file that another program holds', () => {
  const HOLD = `
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
`
  it('makes promote name the program, end with 6 after --wait, and go through once it is free', {
    timeout: 180_000,
  }, async () => {
    const store = join(folder.path, 'held')
    const live = await makeLiveModel(store)
    const uri = live.trackingUri
    const holder = spawn(python, ['-c', HOLD, join(store, 'mlflow.db')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    const busy = await run('promote', uri, '--policy', 'documents', '--wait', '1')
    expect([busy.exitCode, busy.document.error.code]).toEqual([6, 'BUSY'])
    // Only Linux tells who holds a lock.
    const name = process.platform === 'linux' ? `python\\S* \\(pid ${holder.pid}\\)` : 'another program'
    expect(busy.document.error.message).toMatch(new RegExp(name))
    expect(busy.stderr).toMatch(new RegExp(`waiting for ${name}`))

    const waiting = run('promote', uri, '--policy', 'documents', '--wait', '60')
    holder.stdin.end()
    expect((await waiting).exitCode).toBe(0)
  })
})

describe('a SQLite file that is damaged', () => {
  it.each([
    ['no database', Buffer.from('this is a text, not a database\n'.repeat(99))],
    ['cut short', Buffer.from('SQLite format 3\0')],
  ])('%s: ends with 8 and leaves it as it is', async (_what, content) => {
    const path = join(folder.path, 'damaged.db')
    writeFileSync(path, content)
    const output = await run('models', `sqlite:///${path}`)
    expect([output.exitCode, output.document.error.code]).toEqual([8, 'STORE_DAMAGED'])
    rmSync(path)
  })
})
