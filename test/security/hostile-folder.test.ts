import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { descendants } from '../../src/process/process-tree.js'
import { type HostileFolder, makeHostileFolder } from '../helpers/hostile-folder.js'
import { listenersOf } from '../helpers/listeners.js'
import { type LiveModel, makeLiveModel } from '../helpers/live-model.js'
import { type Program, startProgram } from '../helpers/program.js'
import { testPython } from '../helpers/python.js'
import { runMain } from '../helpers/run-main.js'
import { type Reply, send } from '../helpers/send.js'

const SLOW_MS = 300_000
const ALL_BUT_OWNER = 0o077
const LOOPBACK = '0100007F'
const JSON_TYPE = 'application/json'
const EVIL = 'http://evil.example'

let hostile: HostileFolder
let live: LiveModel
let python: string
let variables: Record<string, string | undefined>
let web: { url: string; host: string; program: Program }
let model: { url: string; program: Program }
const started: Program[] = []

beforeAll(async () => {
  python = await testPython()
  hostile = makeHostileFolder()
  variables = {
    TMPDIR: hostile.temporary,
    MLFLOW_TRACKING_URI: undefined,
    // What a shell might have set: the current folder first, its modules, another bind, any host.
    PATH: `.::bin:${process.env.PATH}`,
    PYTHONPATH: `${hostile.path}:.`,
    UVICORN_HOST: '0.0.0.0',
    UVICORN_APP_DIR: hostile.path,
    GUNICORN_CMD_ARGS: '--bind 0.0.0.0:0',
    MLFLOW_SERVER_ALLOWED_HOSTS: '*',
    MLFLOW_SERVER_CORS_ALLOWED_ORIGINS: '*',
    MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE: 'true',
  }
  live = await makeLiveModel(hostile.path, 300)
  // MLflow's own server behind the front has more to attack than the compiled engine.
  const opened = [
    start('serve', '--engine', 'mlflow', '--port', '0', '--json'),
    start('ui', '--port', '0', '--json'),
  ]
  const [served, ui] = await Promise.all(opened.map(async (program) => JSON.parse(await program.firstLine)))
  model = { url: served.result.url, program: opened[0] as Program }
  web = { url: ui.result.url, host: new URL(ui.result.url).host, program: opened[1] as Program }
}, SLOW_MS)
afterAll(async () => {
  await Promise.all(started.map((program) => program.cleanUp()))
  hostile.remove()
}, SLOW_MS)

function start(...argv: string[]): Program {
  const program = startProgram(['--python', python, ...argv], { folder: hostile.path, variables })
  started.push(program)
  return program
}

async function run(...argv: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return start(...argv).ended
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> =>
  send(`${web.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': JSON_TYPE, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

describe('nothing that a folder holds or is called is run', () => {
  test(
    'by serve, ui, doctor, predict, validate, mlflow, and a search for Python on a PATH with the folder in it',
    async () => {
      const odd = '--x $(touch injected); `touch injected` \'".csv'
      writeFileSync(join(hostile.path, odd), `${tableLines(3)}\n`)
      const scored = await run('predict', `./${odd}`, '--url', model.url, '--output', `o ${odd}`, '--json')
      expect(scored.code, scored.stderr).toBe(0)
      const checked = await run('validate', '--unlabelled', `./${odd}`)
      expect(checked.stdout).toContain('3 rows')
      expect((await run('mlflow', '--version')).code).toBe(0)
      const search = startProgram(['doctor', '--json'], { folder: hostile.path, variables })
      started.push(search)
      expect(JSON.parse((await search.ended).stdout).command).toBe('doctor')
      expect(hostile.ran()).toEqual([])
    },
    SLOW_MS,
  )

  test('although each of its traps does work', () => {
    spawnSync(python, ['-c', 'import json'], { cwd: hostile.path })
    spawnSync('python3', ['-V'], { cwd: hostile.path, env: { PATH: '.:/usr/bin:/bin' } })
    spawnSync('sh', ['-c', `cat ${hostile.path}`], { cwd: hostile.path })
    expect(hostile.ran().sort()).toEqual(expect.arrayContaining(['json.py', 'python3', hostile.path]))
  })
})

test.skipIf(process.platform !== 'linux')(
  'every socket of serve and ui listens on 127.0.0.1, whatever the shell has set (Linux tells)',
  async () => {
    for (const { program } of [web, model]) {
      const listeners = listenersOf(await descendants(program.pid))
      expect(listeners.length).toBeGreaterThan(0)
      expect(listeners.filter((address) => !address.startsWith(`${LOOPBACK}:`))).toEqual([])
    }
  },
)

describe('the web UI', () => {
  test('is not reached by a foreign name that leads here (DNS rebinding)', async () => {
    const path = `${web.url}/api/2.0/mlflow/experiments/search?max_results=1`
    const statusFor = async (host: string): Promise<number> =>
      (await send(path, { headers: { host } })).status
    expect(await statusFor(web.host)).toBe(200)
    for (const host of [
      'evil.example',
      'evil.example:5000',
      '127.0.0.1.evil.example',
      '0.0.0.0',
      '127.0.0.1:1',
    ]) {
      expect([host, await statusFor(host)]).toEqual([host, 403])
    }
  })

  test('takes no order from a page of another site, and gives it no leave to read', async () => {
    const path = '/api/2.0/mlflow/experiments/create'
    for (const type of ['text/plain', JSON_TYPE]) {
      const reply = await post(
        path,
        { name: `from-elsewhere-${type}` },
        { origin: EVIL, 'content-type': type },
      )
      expect(reply.status).toBeGreaterThanOrEqual(400)
      expect(reply.headers['access-control-allow-origin']).toBeUndefined()
    }
    const simple = await post(path, { name: 'simple' }, { 'content-type': 'text/plain' })
    expect(simple.status).toBeGreaterThanOrEqual(400)
    const found = await send(`${web.url}/api/2.0/mlflow/experiments/search?max_results=50`)
    expect(found.body).not.toMatch(/from-elsewhere|simple/)
  })

  test('gives no file of the machine and takes none (probes of the known holes)', async () => {
    const artifacts = '/api/2.0/mlflow-artifacts/artifacts'
    const reads = [
      '/get-artifact?path=../../../../etc/passwd&run_uuid=x',
      `${artifacts}/../../../../etc/passwd`,
      `${artifacts}/%2e%2e/%2e%2e/%2e%2e/etc/passwd`,
      `${artifacts}?path=/etc`,
      `${artifacts}?path=../..`,
    ]
    for (const path of reads) {
      const reply = await send(`${web.url}${path}`)
      expect([path, reply.body]).not.toEqual([path, expect.stringMatching(/root:|passwd/)])
    }
    const written = await send(`${web.url}${artifacts}/..%2f..%2fuploaded`, { method: 'PUT', body: 'x' })
    expect(written.status).toBeGreaterThanOrEqual(400)
    await post('/api/2.0/mlflow/registered-models/create', { name: 'probe' })
    for (const source of ['file:///etc', '/etc', 'file://localhost/etc', '../../../etc']) {
      const made = await post('/api/2.0/mlflow/model-versions/create', { name: 'probe', source })
      expect([source, made.status]).toEqual([source, 400])
    }
    const located = { name: 'located', artifact_location: 'http:///#/../../../../etc/' }
    expect((await post('/api/2.0/mlflow/experiments/create', located)).status).toBe(400)
    expect(readdirSync(hostile.path)).not.toContain('uploaded')
  })
})

describe('the model server', () => {
  const invoke = (body: string, headers: Record<string, string>): Promise<Reply> =>
    send(`${model.url}/invocations`, { method: 'POST', headers, body })
  const rows = JSON.stringify({ dataframe_records: [{ gender: 'Male', Partner: 'Yes' }] })

  test('refuses what a page of another site can send unasked', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      expect((await invoke(rows, { 'content-type': type, origin: EVIL })).status).toBe(415)
    }
    const asked = await send(`${model.url}/invocations`, {
      method: 'OPTIONS',
      headers: { origin: EVIL, 'access-control-request-method': 'POST' },
    })
    expect(asked.headers['access-control-allow-origin']).toBeUndefined()
  })

  test('shows no trace to whoever sends rows that lack columns, and nothing of what was sent', async () => {
    const sent = rows.replace('Male', 'sent-by-me')
    const reply = await invoke(sent, { 'content-type': JSON_TYPE })
    expect(reply.status).toBe(400)
    expect(reply.body).toContain('is missing')
    expect(reply.body).not.toMatch(/Traceback|sent-by-me|site-packages/)
  })

  test('answers under its own names alone', async () => {
    for (const [host, status] of [
      ['evil.example', 403],
      [new URL(model.url).host, 200],
    ] as const)
      expect((await send(`${model.url}/ping`, { headers: { host } })).status).toBe(status)
  })
})

describe('names and addresses are checked before anything is started', () => {
  const NAMES = [
    '$(touch injected)',
    'a;b',
    '--help me',
    '../../x',
    '-m',
    'a/b',
    'a b',
    "a'b",
    'a"b',
    'a\nb',
    '.',
    '',
  ]
  test.each(NAMES)('the model name %j', async (name) => {
    expect(await codeOf('models', `--model=${name}`)).toMatch(/^(MODEL_NAME_INVALID|USAGE)$/)
  })

  const STORES = [
    'file:///etc',
    'mysql://h/d',
    'javascript:alert(1)',
    'ftp://h',
    'databricks',
    '/etc',
    'http://',
  ]
  test.each([...STORES, 'sqlite:///a?mode=rw', 'postgresql://', 'http://h\u0000', '$(touch injected)'])(
    'the tracking URI %j',
    async (uri) => {
      expect(await codeOf('models', `--tracking-uri=${uri}`)).toBe('URL_INVALID')
    },
  )

  test.each(['file:///etc/passwd', 'ftp://h/', 'gopher://h', 'javascript:1', '$(touch injected)', '//h'])(
    'the endpoint %j',
    async (url) => {
      expect(await codeOf('predict', 'x.csv', `--url=${url}`)).toBe('URL_INVALID')
    },
  )

  test.each(['../../etc', '1;ls', '$(id)', '-1', '1e3', '0x1'])('the version %j', async (version) => {
    expect(await codeOf('rollback', `--to=${version}`)).toBe('USAGE')
    expect(await codeOf('report', `v${version}`)).toBe('USAGE')
  })
})

test('what we write is for its user alone', async () => {
  writeFileSync(join(hostile.path, 'some.csv'), `${tableLines(3)}\n${'x,'.repeat(18)}x\n`)
  const { code } = await run('predict', 'some.csv', '--url', model.url, '--output', 'scored.csv', '--json')
  expect(code).toBe(0)
  const state = join(hostile.path, '.churn-ops')
  const files = ['scored.csv', 'some.quarantine.csv'].map((name) => join(hostile.path, name))
  const records = readdirSync(state)
    .filter((name) => /^serve-|journal|lock/.test(name))
    .map((name) => join(state, name))
  expect(records.length).toBeGreaterThan(0)
  const open = [...files, ...records].filter((path) => (statSync(path).mode & ALL_BUT_OWNER) !== 0)
  expect(open).toEqual([])
})

function tableLines(rows: number): string {
  return readFileSync(live.data, 'utf8')
    .split('\n')
    .slice(0, rows + 1)
    .join('\n')
}

async function codeOf(...argv: string[]): Promise<string> {
  const { stdout } = await runMain(hostile.path, ...argv, '--json')
  return JSON.parse(stdout).error.code
}
