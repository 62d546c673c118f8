import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import { startHttpServer } from '../helpers/http-server.js'
import { makeLiveModel } from '../helpers/live-model.js'
import { startProgram } from '../helpers/program.js'
import { testPython } from '../helpers/python.js'

// What stands in the environment of a user's shell, and what each command makes of it.
const SLOW_MS = 300_000
const DEAD_PROXY = 'http://127.0.0.1:9'
const PROXIES = Object.fromEntries(
  ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'].map((name) => [
    name,
    DEAD_PROXY,
  ]),
)
let folder: string
let python: string

interface Run {
  status: number | null
  stdout: string
  stderr: string
}

function run(
  argv: readonly string[],
  variables: Record<string, string | undefined>,
  before = '',
): Promise<Run> {
  const env: NodeJS.ProcessEnv = { ...process.env, MLFLOW_TRACKING_URI: undefined, ...variables }
  const line = `${before} exec "$0" "$@"`
  const program = [process.execPath, join(packageRoot, 'dist', 'bin.js'), ...argv]
  return new Promise((resolve) => {
    const child = execFile('bash', ['-c', line, ...program], { cwd: folder, env }, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    )
  })
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'churn-ops-variables-'))
  python = await testPython()
  await makeLiveModel(folder)
}, SLOW_MS)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("the user's settings for Python", () => {
  test.each([
    { PYTHONWARNINGS: 'error', PYTHONOPTIMIZE: '2', PYTHONINSPECT: '1', PYTHONDEVMODE: '1' },
    // Each of them alone keeps a Python from starting.
    { PYTHONHOME: '/none', PYTHONMALLOC: 'junk', PYTHONHASHSEED: 'junk', PYTHONIOENCODING: 'junk' },
    { LANG: 'C', LC_ALL: 'POSIX', LANGUAGE: undefined, HOME: '/nonexistent', PYTHONUTF8: '0' },
    { HOME: '', PYTHONSAFEPATH: '1', PYTHONSTARTUP: '/none', PYTHONPATH: '/none', TMPDIR: '.' },
  ])(
    'change nothing: %j',
    async (variables) => {
      const { status, stdout, stderr } = await run(['models', '--json', '--python', python], variables)
      expect([status, stderr]).toEqual([0, ''])
      expect(JSON.parse(stdout).result.versions).toHaveLength(1)
      expect(existsSync(join(folder, '.cache'))).toBe(false)
    },
    SLOW_MS,
  )

  test(
    'change nothing for an interpreter of their own that was named either',
    async () => {
      const { status, stdout } = await run(['--python', python, 'mlflow', '--version'], {
        PYTHONWARNINGS: 'error',
      })
      expect([status, stdout]).toEqual([0, expect.stringContaining('mlflow')])
    },
    SLOW_MS,
  )
})

describe('a folder for temporary files that cannot be used', () => {
  test.each([
    ['TMPDIR', '/nonexistent', 'does not exist'],
    ['TMPDIR', 'customers.csv', 'is not a folder'],
    ['TMP', '/nonexistent', 'does not exist'],
    ['TEMP', '/nonexistent', 'does not exist'],
  ])(
    'is named, with exit code 5: %s=%s',
    async (name, place, why) => {
      const variables = { TMPDIR: undefined, TMP: undefined, TEMP: undefined, [name]: place }
      const standardInput = `cat customers.csv |`
      for (const [argv, before] of [
        [['models'], ''],
        [['serve', '--port', '0'], ''],
        [['demo'], ''],
        [['predict', '-', '--url', DEAD_PROXY], standardInput],
      ] as const) {
        const named = await run([...argv, '--python', python, '--json'], variables, before)
        expect([argv[0], named.status, named.stderr]).toEqual([
          argv[0],
          5,
          expect.stringContaining(`(from ${name}) ${why}`.replace(') ', '), ')),
        ])
        expect(JSON.parse(named.stdout).error).toMatchObject({
          code: 'NOT_WRITABLE',
          details: { variable: name },
        })
      }
    },
    SLOW_MS,
  )

  test(
    'is a row of doctor, and no matter to those that need none',
    async () => {
      const variables = { TMPDIR: '/nonexistent' }
      const doctor = await run(['doctor', '--python', python, '--json'], variables)
      const { checks } = JSON.parse(doctor.stdout).result
      expect([
        doctor.status,
        checks.find(({ name }: { name: string }) => name === 'temporary files'),
      ]).toEqual([
        5,
        expect.objectContaining({
          ok: false,
          message: expect.stringContaining('TMPDIR'),
          cure: expect.stringContaining('TMPDIR'),
        }),
      ])
      expect((await run(['validate', 'customers.csv'], variables)).status).toBe(0)
    },
    SLOW_MS,
  )
})

describe('a current folder that was deleted', () => {
  const deleted = 'mkdir gone; cd gone; rmdir ../gone;'

  test('is told by every command, and hides no help', async () => {
    expect(await run(['--help'], {}, deleted)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('train'),
    })
    expect(await run(['train', '--help'], {}, deleted)).toMatchObject({ status: 0 })
    expect(await run(['--version'], {}, deleted)).toMatchObject({ status: 0, stderr: '' })
    for (const command of [
      ['models'],
      ['doctor'],
      ['env'],
      ['mlflow', '--version'],
      ['validate', '/etc/passwd'],
    ]) {
      const { status, stderr } = await run(command, {}, deleted)
      expect([status, stderr]).toEqual([5, expect.stringContaining('The current folder no longer exists')])
    }
    expect((await run(['nonsense'], {}, deleted)).status).toBe(2)
  })
})

describe('a home that cannot be used', () => {
  test('is named where the Python environment would be made', async () => {
    for (const [name, variables] of [
      ['CHURN_OPS_HOME', { CHURN_OPS_HOME: join(folder, 'customers.csv') }],
      ['XDG_CACHE_HOME', { CHURN_OPS_HOME: '', XDG_CACHE_HOME: join(folder, 'customers.csv') }],
      ['HOME', { CHURN_OPS_HOME: undefined, XDG_CACHE_HOME: undefined, HOME: join(folder, 'customers.csv') }],
    ] as const) {
      const { status, stderr } = await run(['models'], variables)
      expect([status, stderr]).toEqual([5, expect.stringContaining(`(from ${name})`)])
      expect(stderr).toContain('NOT_WRITABLE')
    }
  })

  test(
    'is named where the state of a store without a folder would lie',
    async () => {
      const server = await startHttpServer((_body, _request, response) => response.end('{}'))
      const variables = { CHURN_OPS_HOME: join(folder, 'customers.csv') }
      const argv = ['train', '--data', 'customers.csv', '--tracking-uri', server.url, '--python', python]
      const { status, stderr } = await run([...argv, '--grid', 'n_estimators=5'], variables)
      await server.close()
      expect([status, stderr]).toEqual([5, expect.stringContaining('CHURN_OPS_HOME')])
    },
    SLOW_MS,
  )
})

describe('proxies', () => {
  test(
    'are not asked for a store of this machine, by no half and no server of ours',
    async () => {
      const ui = startProgram(['ui', '--port', '0', '--python', python, '--json'], { folder })
      const { url } = JSON.parse(await ui.firstLine).result as { url: string }
      const store = {
        ...PROXIES,
        MLFLOW_TRACKING_URI: url.replace('127.0.0.1', 'localhost'),
        NO_PROXY: 'a.example',
      }
      const models = await run(['models', '--json', '--python', python], store)
      expect([models.status, models.stderr]).toEqual([0, ''])
      const serve = startProgram(['serve', '--port', '0', '--python', python, '--json'], {
        folder,
        variables: store,
      })
      const served = JSON.parse(await serve.firstLine).result as { url: string }
      const predict = await run(['predict', 'customers.csv', '--url', served.url, '--json'], store)
      expect([predict.status, JSON.parse(predict.stdout).result.counts.scored]).toEqual([0, 400])
      await serve.cleanUp()
      await ui.cleanUp()
    },
    SLOW_MS,
  )

  test(
    'are asked for the world outside',
    async () => {
      const asked: string[] = []
      const proxy = await startHttpServer((_body, request, response) => {
        asked.push(String(request.url))
        response.statusCode = 502
        response.end()
      })
      const outside = { http_proxy: proxy.url, MLFLOW_TRACKING_URI: 'http://store.example:5000' }
      expect((await run(['models', '--python', python], outside)).status).toBe(7)
      const argv = ['predict', 'customers.csv', '--url', 'http://model.example:8000']
      await run(argv, { http_proxy: proxy.url })
      await proxy.close()
      expect(asked).toEqual([
        'http://store.example:5000/health',
        'http://model.example:8000/ping',
        expect.any(String),
      ])
    },
    SLOW_MS,
  )
})
