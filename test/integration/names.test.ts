import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compose, type Services } from '../../src/compose.js'
import { testPython } from '../helpers/python.js'
import { runMain } from '../helpers/run-main.js'

/** Names of our own columns and fields, of what objects and data frames have, and those that look like something else. */
const NAMES = [
  ...['customer', 'label', 'row_key', 'group', 'prediction', 'prediction (feature)', 'probability', 'answer'],
  ...['threshold', 'churned', 'id', 'index', 'level_0', '__index_level_0__', 'detail', 'split', 'params'],
  ...['columns', 'data', 'inputs', 'name', 'kind', 'ffid', 'line', 'problems', 'churnops:label', 'feature:'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'self', 'None', 'nan', '0', '1', '-1', 'Yes'],
  ...['a.b', 'a"b', 'a,b', 'a\nb', '[x]', '<b>', '</script>', '{0}', '%s', '\\', '$x^{', '=cmd()', '😀', 'é'],
  ...['left?', 'LEFT', 'x'.repeat(2_000)],
]
const ROWS = 400
const folder = mkdtempSync(join(tmpdir(), 'churn-ops-names-'))
let services: Services
let url = ''

const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`
const left = (row: number): boolean => row % 3 === 0

/** A value for each column: numbers and categories in turn, some blank, some that tell a little. */
function values(row: number, shift = 0): string[] {
  return NAMES.map((_, at) => {
    // No two rows alike: equal ones would be one customer.
    const noise = (Math.imul(row + 1, 2_654_435_761 + 2 * at) >>> 9) % 11
    if (noise === 10) return ''
    if (at % 2 === 0) return String(noise + (left(row) && at < 8 ? 4 : 0) + shift)
    return 'abc'.charAt((noise + (left(row) ? 1 : 0)) % 3)
  })
}

function csv(name: string, shift = 0): string {
  const rows = Array.from({ length: ROWS }, (_, row) =>
    [`c${row}`, ...values(row, shift), left(row) ? 'yes' : 'no'].map(cell),
  )
  const path = join(folder, name)
  writeFileSync(path, [['who', ...NAMES, 'left'].map(cell), ...rows].map((row) => `${row.join()}\n`).join(''))
  return path
}

beforeAll(async () => {
  const features = NAMES.map((name, at) =>
    at % 2 === 0
      ? { name, kind: 'number', blank: true }
      : { name, kind: 'category', closed: false, blank: true },
  )
  const target = { column: 'left', positive: 'yes', negative: 'no' }
  writeFileSync(join(folder, 'schema.json'), JSON.stringify({ id: 'who', target, features }))
  const settings = {
    schema: 'schema.json',
    data: csv('table.csv'),
    python: await testPython(),
    grid: { n_estimators: [5], max_depth: [3], min_samples_split: [2] },
  }
  writeFileSync(join(folder, 'churn-ops.json'), JSON.stringify(settings))
  services = compose({
    trackingUri: `sqlite:///${join(folder, 'mlflow.db')}`,
    python: settings.python,
    onProgress: () => undefined,
  })
})

afterAll(async () => {
  await services?.dispose()
  rmSync(folder, { recursive: true, force: true })
})

async function run(...argv: string[]) {
  const { exitCode, stdout, stderr } = await runMain(folder, ...argv, '--json')
  expect(stdout, stderr).toMatch(/^\{/)
  const document = JSON.parse(stdout)
  return { exitCode, error: document.error, result: document.result }
}

test('a table whose columns have any names is checked, trained on and put live', async () => {
  expect(await run('validate', 'table.csv')).toMatchObject({ exitCode: 0, result: { valid: ROWS } })
  expect(await run('train')).toMatchObject({ exitCode: 0, result: { split: { trainRows: 320 } } })
  expect(await run('promote', '--policy', 'documents')).toMatchObject({ exitCode: 0 })
}, 180_000)

test('its rows are scored alike from CSV and from JSON', async () => {
  const store = { trackingUri: `sqlite:///${join(folder, 'mlflow.db')}`, model: 'RandomForestGridSearch' }
  const server = await (await services.modelServer()).serve({
    store,
    version: '1',
    folder: null,
    port: 0,
    onProgress: () => undefined,
  })
  url = server.url
  const fromCsv = await run('predict', 'table.csv', '--url', url)
  expect(fromCsv).toMatchObject({
    exitCode: 0,
    result: { counts: { rows: ROWS, scored: ROWS, rejected: 0 } },
  })
  // Keys as text: an object literal has no own __proto__ to write.
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const pairs = values(row).map((value, at) => {
      const json = value === '' ? 'null' : at % 2 === 0 ? value : JSON.stringify(value)
      return `${JSON.stringify(NAMES[at])}:${json}`
    })
    return `{${pairs.join()}}`
  })
  writeFileSync(join(folder, 'rows.json'), `[${rows.join()}]`)
  const fromJson = await run('predict', 'rows.json', '--url', url)
  const told = ({ result }: typeof fromCsv) =>
    result.predictions.map(({ probability }: { probability: number }) => probability)
  expect(told(fromJson)).toEqual(told(fromCsv))
  expect(new Set(told(fromJson)).size).toBeGreaterThan(1)
}, 120_000)

test('each column is watched under its own name, and its rows can be learned from again', async () => {
  const shifted = csv('shifted.csv', 25)
  const { exitCode, result, error } = await run('monitor', '--data', shifted, '--url', url, '--retrain')
  expect(error).toBeUndefined()
  const told = result.columns.map(({ name }: { name: string }) => name)
  const renamed = { prediction: 'prediction (feature) (feature)' }
  expect(told).toEqual([
    ...NAMES.map((name) => (Object.hasOwn(renamed, name) ? renamed.prediction : name)),
    'prediction',
  ])
  expect(result.columns.every(({ score }: { score: number | null }) => score !== null)).toBe(true)
  expect(result.verdict).toBe('drift')
  expect(result.retrained.newRows).toBe(ROWS)
  expect([0, 4]).toContain(exitCode)
  const learned = readFileSync(result.retrained.path, 'utf8')
  for (const name of NAMES.slice(0, 30)) expect(learned).toContain(name)
}, 240_000)

test('it has a report, and the version can be trained again to the last digit', async () => {
  expect(await run('report', '1')).toMatchObject({ exitCode: 0 })
  expect(await run('reproduce', '1')).toMatchObject({ exitCode: 0, result: { equal: true } })
}, 240_000)

test('an invalid row is kept with its own columns and ours', async () => {
  const path = csv('bad.csv')
  const first = `"c0","${values(0)[0]}",`
  writeFileSync(path, readFileSync(path, 'utf8').replace(first, '"c0","many",'))
  const { result } = await run('validate', 'bad.csv')
  expect(result.problems).toEqual([{ line: 3, column: NAMES[0], value: 'many', message: 'is not a number' }])
  const kept = readFileSync(join(folder, 'bad.quarantine.csv'), 'utf8')
  expect(kept).toContain(',left,line (churn-ops),problems (churn-ops)\n')
  expect((await run('validate', 'bad.csv')).result.quarantine).toBe(join(folder, 'bad.quarantine.csv'))
})
