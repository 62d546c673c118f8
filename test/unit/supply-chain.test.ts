import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import { codeOnly, readTree } from '../helpers/imports.js'

const json = (name: string) => JSON.parse(readFileSync(join(packageRoot, name), 'utf8'))

interface Locked {
  version?: string
  dev?: boolean
  integrity?: string
  resolved?: string
  hasInstallScript?: boolean
}

const locked = Object.entries(json('package-lock.json').packages as Record<string, Locked>).filter(
  ([path]) => path !== '',
)
const runtime = locked.filter(([, { dev }]) => dev !== true)

/** What users install, and what each is there for; a dependency is refused for a reason, never by a count. */
const REASONS: Record<string, string> = {
  '@fastify/rate-limit': 'requests a second of one caller, with Retry-After',
  '@fastify/under-pressure': 'refusals while the event loop is late',
  axios: 'HTTP with time limits, of endpoints and stores',
  chalk: 'colours that a terminal may not have',
  'csv-parse': 'quotes and separators of CSV, streaming',
  execa: 'programs without a shell, ended with us',
  fastify: 'the HTTP front: limits on bodies and time, graceful close',
  'prom-client': 'counters and times in the form of Prometheus',
  pg: 'the alias of a PostgreSQL store, looked at all day without a Python process',
  pythonia: 'the bridge to Python',
  yargs: 'options, help and completion of commands',
  zod: 'shapes of settings, schemas and the contract, with their types',
}

test('every dependency has its reason', () => {
  expect(Object.keys(json('package.json').dependencies).sort()).toEqual(Object.keys(REASONS).sort())
})

test('no package that users install brings a script that runs at installation', () => {
  expect(runtime.length).toBeGreaterThan(20)
  expect(runtime.filter(([, { hasInstallScript }]) => hasInstallScript === true)).toEqual([])
  const { scripts } = json('package.json')
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([])
})

test('every Node package is pinned to one version and one hash', () => {
  expect(locked.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? ''))).toEqual([])
  const { dependencies, devDependencies, engines } = json('package.json')
  const ranges = Object.values({ ...dependencies, ...devDependencies } as Record<string, string>)
  expect(ranges.filter((range) => !/^\d+\.\d+\.\d+$/.test(range))).toEqual([])
  expect(engines.node).toBe('>=20.19')
  // Older ones hand on a header named __proto__ (CVE-2026-85063).
  expect(dependencies['csv-parse']).toMatch(/^7\.0\.([2-9]|\d\d)$/)
})

test('every Python package is pinned to one version and to hashes, and installed as wheels that match them', () => {
  const lines = readFileSync(join(packageRoot, 'requirements.txt'), 'utf8')
    .replaceAll('\\\n', ' ')
    .split('\n')
  const packages = lines.filter((line) => line.trim() !== '' && !line.trim().startsWith('#'))
  expect(packages.length).toBeGreaterThan(100)
  expect(
    packages.filter((line) => !/^[\w.-]+(\[[\w,-]+\])?==\S+.*--hash=sha256:[0-9a-f]{64}/.test(line)),
  ).toEqual([])
  const maker = readFileSync(join(packageRoot, 'python', 'churn_ops_environment.py'), 'utf8')
  expect(maker).toContain(
    '["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(requirements)]',
  )
})

test('no half starts a program through a shell', () => {
  const typescript = readTree('src', '.ts').filter(({ text }) =>
    /\bshell\s*:|(?<![.\w])exec(Sync)?\(|execaCommand/.test(codeOnly(text)),
  )
  expect(typescript.map(({ path }) => path)).toEqual([])
  const python = readTree('python', '.py').filter(({ text }) =>
    /shell=True|os\.system|os\.popen|getoutput|\beval\(|\bexec\(/.test(text),
  )
  expect(python.map(({ path }) => path)).toEqual([])
})

test('every Python of ours is told to call nobody', async () => {
  const { pythonVariables } = await import('../../src/compose.js')
  expect(pythonVariables()).toMatchObject({
    MLFLOW_DISABLE_TELEMETRY: 'true',
    DO_NOT_TRACK: '1',
    MLFLOW_MODEL_CATALOG_URI: '',
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: 'true',
  })
})
