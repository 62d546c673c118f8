import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import { canary, filesWith, watch } from '../helpers/canary.js'
import { type HttpServer, startHttpServer } from '../helpers/http-server.js'
import { startPostgres } from '../helpers/postgres.js'
import { type Program, startProgram } from '../helpers/program.js'
import { testPython } from '../helpers/python.js'

const SLOW_MS = 400_000
const CLOSED = '127.0.0.1:9'
const SECRETS = { store: canary('Store'), hook: canary('Hook'), aws: canary('Aws'), data: canary('Data') }
const TEXTS = Object.values(SECRETS)
const canTrace = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0

let outer: string
let folder: string
let temporary: string
let failing: HttpServer
let printed = ''
const started: Program[] = []

beforeAll(async () => {
  outer = mkdtempSync(join(tmpdir(), 'churn-ops-canary-'))
  folder = join(outer, 'work')
  temporary = join(outer, 'temporary')
  for (const path of [folder, temporary, join(outer, 'server')]) mkdirSync(path)
  const grid = { n_estimators: [5], max_depth: [3], min_samples_split: [5] }
  const notices = [`json://hook:\${CHURN_OPS_TEST_HOOK}@${CLOSED}/`]
  writeFileSync(join(folder, 'churn-ops.json'), JSON.stringify({ python: await testPython(), grid, notices }))
  const bundled = readFileSync(join(packageRoot, 'data', 'telco-customer-churn.csv'), 'utf8')
  writeFileSync(join(folder, 'customers.csv'), `${bundled.split('\n').slice(0, 301).join('\n')}\n`)
  // Well at first, then broken in the way whose message quotes the whole address.
  failing = await startHttpServer((_body, request, response) => {
    response.statusCode = request.url === '/health' ? 200 : 500
    response.end(request.url === '/health' ? 'OK' : `<p>${request.headers.authorization ?? ''}</p>`)
  })
}, SLOW_MS)
afterAll(async () => {
  await Promise.all(started.map((program) => program.cleanUp()))
  await failing.close()
  rmSync(outer, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
}, SLOW_MS)

function start(store: string | undefined, argv: readonly string[], under: readonly string[] = []): Program {
  const program = startProgram(argv, {
    folder,
    under,
    variables: {
      TMPDIR: temporary,
      MLFLOW_TRACKING_URI: store,
      CHURN_OPS_HOME: undefined,
      CHURN_OPS_TEST_HOOK: SECRETS.hook,
      CHURN_OPS_DATABASE_USER: 'reader',
      CHURN_OPS_DATABASE_PASSWORD: SECRETS.data,
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: SECRETS.aws,
    },
  })
  started.push(program)
  return program
}

async function run(
  store: string | undefined,
  argv: readonly string[],
  under?: readonly string[],
): Promise<{ code: number | null; output: string }> {
  const { code, stdout, stderr } = await start(store, argv, under).ended
  printed += stdout + stderr
  return { code, output: stdout + stderr }
}

const withPassword = (scheme: string, rest: string): string => `${scheme}://user:${SECRETS.store}@${rest}`

describe.skipIf(process.platform !== 'linux')(
  'secrets stay where the user put them (Linux shows processes)',
  () => {
    test(
      'through a training and a promotion on a live server, with --verbose, notices and cloud keys',
      async () => {
        const server = startProgram(['ui', '--port', '0', '--json', '--python', await testPython()], {
          folder: join(outer, 'server'),
          variables: { MLFLOW_TRACKING_URI: undefined },
        })
        started.push(server)
        const { url } = JSON.parse(await server.firstLine).result as { url: string }
        const store = withPassword('http', url.slice('http://'.length))
        const stop = watch(TEXTS, temporary)
        const trace = [
          'strace',
          '-f',
          '--seccomp-bpf',
          '-qq',
          '-e',
          'trace=connect',
          '-o',
          join(outer, 'connects'),
        ]
        const trained = await run(
          store,
          ['train', '--data', 'customers.csv', '--verbose'],
          canTrace ? trace : [],
        )
        expect(trained.code, trained.output).toBe(0)
        const promoted = await run(store, [
          ...['promote', '--policy', 'documents', '--verbose', '--json'],
          ...['--allow-no-skill', 'a table for tests'],
        ])
        expect(promoted.code, promoted.output).toBe(0)
        expect(promoted.output).toContain('address 1')
        expect(stop()).toEqual([])
        expect(filesWith(TEXTS, [outer])).toEqual([])
      },
      SLOW_MS,
    )

    test('and all that it and its server wrote is for their user alone', () => {
      const written = [join(outer, 'server'), join(folder, '.churn-ops')].flatMap((place) =>
        readdirSync(place, { recursive: true, encoding: 'utf8' }).map((name) => join(place, name)),
      )
      expect(written.some((path) => path.endsWith('reference.parquet'))).toBe(true)
      expect(written.filter((path) => (statSync(path).mode & 0o077) !== 0)).toEqual([])
    })

    test.skipIf(!canTrace)('and that training spoke with this machine alone (strace tells)', () => {
      const calls = readFileSync(join(outer, 'connects'), 'utf8')
      const addresses = [...calls.matchAll(/inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"/g)].map(
        ([, four, six]) => four ?? six,
      )
      expect(addresses).toContain('127.0.0.1')
      expect(addresses.filter((address) => !/^127\.|^::1$/.test(address ?? ''))).toEqual([])
    })

    test(
      'when stores, databases, endpoints and servers fail, and in what is refused',
      async () => {
        const query = ['--query', 'SELECT 1', '--verbose', '--json']
        const refused = 2
        const unreachable = 7
        const cases: [number, string | undefined, string[]][] = [
          [unreachable, withPassword('http', CLOSED), ['models', '--verbose']],
          [
            unreachable,
            withPassword('http', failing.url.slice('http://'.length)),
            ['models', '--verbose', '--json'],
          ],
          [
            unreachable,
            withPassword('postgresql', `${CLOSED}/db`),
            ['train', '--data', 'customers.csv', '--verbose'],
          ],
          [unreachable, undefined, ['predict', 'customers.csv', '--verbose', '--url', `http://${CLOSED}`]],
          [unreachable, undefined, ['validate', `postgresql+psycopg://${CLOSED}/db`, ...query]],
          [refused, withPassword('oracle', 'host/db'), ['models', '--verbose', '--json']],
          [0, withPassword('http', CLOSED), ['env']],
          [0, withPassword('http', CLOSED), ['env', '--json']],
          [0, withPassword('http', CLOSED), ['ui', '--json']],
        ]
        const stop = watch(TEXTS, temporary)
        for (const [code, store, argv] of cases) {
          const finished = await run(store, argv)
          expect([argv, finished.code, finished.output]).toEqual([argv, code, expect.any(String)])
        }
        expect(stop()).toEqual([])
      },
      SLOW_MS,
    )

    test(
      'when they were put into arguments, of which only a warning can be given',
      async () => {
        const url = withPassword('http', CLOSED)
        const stored = await run(undefined, ['models', '--tracking-uri', url, '--verbose'])
        expect(stored.output).toContain('set MLFLOW_TRACKING_URI instead')
        const table = withPassword('postgresql', `${CLOSED}/db`)
        const read = await run(undefined, ['validate', table, '--query', 'SELECT 1', '--json', '--verbose'])
        expect(read).toMatchObject({
          code: 2,
          output: expect.stringContaining('CHURN_OPS_DATABASE_PASSWORD'),
        })
        await run(undefined, ['predict', 'customers.csv', '--url', url, '--json', '--verbose'])
        expect(filesWith(TEXTS, [folder, temporary])).toEqual([])
      },
      SLOW_MS,
    )

    test('in all that was printed', () => {
      expect(printed.length).toBeGreaterThan(1_000)
      expect(TEXTS.filter((text) => printed.includes(text))).toEqual([])
    })

    test(
      'on a live PostgreSQL, and in no file that is left',
      async (context) => {
        const postgres = await startPostgres()
        if ('missing' in postgres) return context.skip(postgres.missing)
        try {
          const address = await postgres.database()
          const password = decodeURIComponent(new URL(address.replace(/^postgresql[^:]*/, 'http')).password)
          const stop = watch([password], temporary)
          const trained = await run(address, ['train', '--data', 'customers.csv', '--verbose'])
          expect(trained.code, trained.output.replaceAll(password, 'PASSWORD')).toBe(0)
          expect(trained.output).not.toContain(password)
          const server = start(address, ['ui', '--port', '0', '--json'])
          expect(JSON.parse(await server.firstLine).result.pid).toBeGreaterThan(0)
          server.signalGroup('SIGTERM')
          const { stdout, stderr } = await server.ended
          expect(stdout + stderr).not.toContain(password)
          expect(stop()).toEqual([])
          expect(filesWith([password], [folder, temporary])).toEqual([])
        } finally {
          await postgres.close()
        }
      },
      SLOW_MS,
    )

    test('and this search would find them', async () => {
      const place = join(outer, 'control')
      writeFileSync(place, `x${SECRETS.aws}y`)
      const stop = watch(TEXTS, temporary)
      const sleeper = spawn('sleep', ['60'], { argv0: SECRETS.hook, env: { TMPDIR: temporary } })
      await new Promise((resolve) => sleeper.once('spawn', resolve))
      const seen = stop()
      sleeper.kill('SIGKILL')
      expect(filesWith(TEXTS, [outer])).toEqual([place])
      expect(seen).toEqual([expect.stringContaining(SECRETS.hook)])
    })
  },
)
