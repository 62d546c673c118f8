import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import { type HttpServer, startHttpServer } from '../helpers/http-server.js'
import { type MainRun, runMain } from '../helpers/run-main.js'
import { tableFolder, telcoRows } from '../helpers/table-folder.js'

// The endpoint is a scripted one here: MLflow's own is asked in serve.test.ts.
let folder: Awaited<ReturnType<typeof tableFolder>>
let server: HttpServer
const { header, rows } = telcoRows(7)
const tenureAt = header.indexOf('tenure')

interface Batch {
  dataframe_split: { columns: string[]; data: (string | number | null)[][] }
}

beforeEach(async () => {
  folder = await tableFolder()
  server = await startHttpServer((body, request, response) => {
    if (request.method === 'GET') return response.end()
    const { columns, data } = (JSON.parse(body) as Batch).dataframe_split
    const predictions = data.map((row) => {
      const tenure = Number(row[columns.indexOf('tenure')])
      return { label: tenure < 10 ? 1 : 0, probability: 1 / (1 + tenure), threshold: 0.1 }
    })
    return response.end(JSON.stringify({ predictions }))
  })
})
afterEach(async () => {
  await server.close()
  await folder.remove()
})

const predict = (...argv: string[]): Promise<MainRun> =>
  runMain(folder.path, 'predict', '--url', server.url, ...argv)
const batches = (): Batch[] =>
  server.bodies.filter((body) => body !== '').map((body) => JSON.parse(body) as Batch)
const resultOf = ({ stdout }: MainRun) => JSON.parse(stdout).result

test('rows are scored in file order and in batches, with their ids', async () => {
  const file = await folder.put('customers.csv', [header, ...rows])
  const run = await predict(file, '--batch', '3', '--json')
  expect(run.exitCode).toBe(0)
  const { counts, predictions, version, warnings } = resultOf(run)
  expect(batches().map((batch) => batch.dataframe_split.data.length)).toEqual([3, 3, 1])
  expect(counts).toMatchObject({ rows: 7, scored: 7, rejected: 0 })
  expect(predictions).toEqual(
    rows.map((row, at) => {
      const tenure = Number(row[tenureAt])
      const answer = { label: tenure < 10 ? 1 : 0, probability: 1 / (1 + tenure), threshold: 0.1 }
      return { row: at + 1, id: row[0], ...answer }
    }),
  )
  expect(version).toBeNull()
  expect(warnings).toEqual([`${server.url} does not report which version it serves.`])
})

test('the features go out in schema order, whatever the order of the file, without id and target', async () => {
  const reversed = [header, ...rows].map((fields) => [...fields].reverse())
  await predict(await folder.put('customers.csv', reversed))
  const sent = batches()[0]?.dataframe_split
  expect(sent?.columns).toEqual(header.filter((name) => name !== 'customerID' && name !== 'Churn'))
  expect(sent?.data[0]?.[4]).toBe(Number(rows[0]?.[tenureAt]))
})

test('invalid rows are never sent; they are counted, named and put into quarantine', async () => {
  const bad = rows.map((fields, row) =>
    fields.map((text, at) => (row === 1 && at === tenureAt ? 'many' : text)),
  )
  const file = await folder.put('customers.csv', [header, ...bad])
  const run = await predict(file, '--json')
  const { counts, predictions, warnings, quarantine } = resultOf(run)
  expect(run.exitCode).toBe(0)
  expect(counts).toMatchObject({ rows: 7, scored: 6, rejected: 1 })
  expect(predictions.map((one: { row: number }) => one.row)).toEqual([1, 3, 4, 5, 6, 7])
  expect(warnings.join('\n')).toContain('line 3, tenure: "many" is not a number.')
  expect(readFileSync(quarantine, 'utf8')).toContain('many')
})

test('a JSON file in any form of MLflow is scored like a CSV, and its rows are judged like those', async () => {
  expect(resultOf(await predict(join(packageRoot, 'test.json'), '--json')).counts).toMatchObject({
    scored: 2,
  })
  const [one, other] = rows.map((fields) => Object.fromEntries(fields.map((text, at) => [header[at], text])))
  const file = await folder.put(
    'c.json',
    JSON.stringify({ instances: [one, { ...other, SeniorCitizen: true }] }),
  )
  const { counts, warnings } = resultOf(await predict(file, '--json'))
  expect(counts).toMatchObject({ rows: 2, scored: 1, rejected: 1 })
  expect(warnings.join('\n')).toContain('row 2, SeniorCitizen: "true" is not a number.')
})

test('people get a table of the first rows and a summary; --format csv gives all rows to a pipe', async () => {
  const many = telcoRows(25)
  const file = await folder.put('customers.csv', [many.header, ...many.rows])
  const table = await predict(file)
  expect(table.stdout).toContain('… 5 more')
  expect(table.stdout).toMatch(/25 rows: 25 scored by http.*, 0 rejected, \d+ flagged as churn/)
  const csv = (await predict(file, '--format', 'csv')).stdout.trimEnd().split('\n')
  expect(csv[0]).toBe('row,id,label,probability,threshold')
  expect(csv).toHaveLength(26)
})

test('--output writes a whole CSV and leaves the rows out of the document', async () => {
  const file = await folder.put('customers.csv', [header, ...rows])
  const { output, predictions, counts } = resultOf(await predict(file, '--output', 'out/p.csv', '--json'))
  expect(output).toBe(join(folder.path, 'out', 'p.csv'))
  expect(predictions).toBeUndefined()
  expect(counts).toMatchObject({ scored: 7 })
  expect(readFileSync(output, 'utf8').trimEnd().split('\n')).toHaveLength(8)
  expect(readdirSync(join(folder.path, 'out'))).toEqual(['p.csv'])
})

test('an endpoint that dies midway leaves no half output', async () => {
  await server.close()
  let answered = 0
  server = await startHttpServer((body, request, response) => {
    if (request.method === 'GET') return response.end()
    if (++answered > 1) return response.destroy()
    const count = (JSON.parse(body) as Batch).dataframe_split.data.length
    return response.end(JSON.stringify({ predictions: Array(count).fill(0) }))
  })
  const file = await folder.put('customers.csv', [header, ...rows])
  const run = await predict(file, '--batch', '3', '--output', 'out/p.csv')
  expect(run.exitCode).toBe(7)
  expect(run.stderr).toContain('ENDPOINT_UNREACHABLE')
  expect(readdirSync(join(folder.path, 'out'))).toEqual([])
})

test('labels without probabilities are given as they are, with a warning', async () => {
  await server.close()
  server = await startHttpServer((_body, _request, response) =>
    response.end('{"predictions":[0,1,0,0,0,0,1]}'),
  )
  const { counts, predictions, warnings } = resultOf(
    await predict(await folder.put('customers.csv', [header, ...rows]), '--json'),
  )
  expect(counts).toMatchObject({ scored: 7, flagged: 2 })
  expect(predictions[1]).toMatchObject({ label: 1, probability: null, threshold: null })
  expect(warnings).toContain('The endpoint returns labels without probabilities.')
})

test('an endpoint that is down is told within seconds, with the command that starts it', async () => {
  const file = await folder.put('customers.csv', [header, ...rows])
  await server.close()
  const begun = Date.now()
  const run = await predict(file, '--output', 'p.csv', '--json')
  expect(Date.now() - begun).toBeLessThan(3_000)
  expect(run.exitCode).toBe(7)
  expect(JSON.parse(run.stdout).error).toMatchObject({
    code: 'ENDPOINT_UNREACHABLE',
    hint: expect.stringContaining('churn-ops serve'),
  })
  expect(existsSync(join(folder.path, 'p.csv'))).toBe(false)
})

test.each([
  ['an empty file', '', 'DATA_EMPTY'],
  ['a header only', `${header.join(',')}\n`, 'DATA_EMPTY'],
  ['a missing column', 'tenure,Churn\n1,No\n', 'DATA_HEADER'],
  ['no valid row', `${header.join(',')}\n${header.map(() => 'x').join(',')}\n`, 'DATA_INVALID'],
  ['broken JSON', '[{"tenure": NaN}]', 'DATA_INVALID'],
  ['JSON that is no table', '{"a": 1}', 'DATA_INVALID'],
  ['an empty list', '[]', 'DATA_EMPTY'],
])('%s is bad data, told without asking the endpoint', async (_name, text, code) => {
  const run = await predict(await folder.put('input', text), '--output', 'p.csv', '--json')
  expect(run.exitCode).toBe(3)
  expect(JSON.parse(run.stdout).error.code).toBe(code)
  expect(server.bodies).toEqual([])
  expect(existsSync(join(folder.path, 'p.csv'))).toBe(false)
})

test.each([
  [['--batch', '0'], 'USAGE'],
  [['--url', 'localhost:8000'], 'URL_INVALID'],
])('%j is refused before anything is read', async (options, code) => {
  const run = await predict('customers.csv', ...options, '--json')
  expect(run.exitCode).toBe(2)
  expect(JSON.parse(run.stdout).error.code).toBe(code)
})

/** Writes down that this process serves version 4, which has learned only these columns. */
async function servedAs(...columns: { name: string; kind: string; values?: string[] }[]): Promise<void> {
  const { port } = new URL(server.url)
  const learned = columns.map((column) => ({ values: null, sensitive: false, required: true, ...column }))
  const record = {
    url: server.url,
    version: '4',
    model: 'M',
    pid: process.pid,
    startedAt: 'now',
    columns: learned,
  }
  await folder.put(join('.churn-ops', `serve-${port}.json`), JSON.stringify(record))
}

test('columns and values that the served version has not learned are told, and the rows are scored', async () => {
  mkdirSync(join(folder.path, '.churn-ops'))
  const file = await folder.put('customers.csv', [header, ...rows])
  await servedAs(
    { name: 'tenure', kind: 'number' },
    { name: 'Contract', kind: 'category', values: ['One year', 'Two year'] },
  )
  const run = await predict(file, '--json')
  expect(run.exitCode).toBe(0)
  const { version, counts, warnings } = resultOf(run)
  expect({ version, scored: counts.scored }).toEqual({ version: '4', scored: 7 })
  const monthly = rows.filter((row) => row[header.indexOf('Contract')] === 'Month-to-month').length
  expect(warnings).toEqual([
    expect.stringMatching(
      /^Version 4 does not know gender, SeniorCitizen, .* and 12 more, which are not used/,
    ),
    `${monthly} rows have a value in Contract that version 4 has never seen and treats as unknown: "Month-to-month" (${monthly}).`,
  ])
})

test('a version that needs other columns than the schema has is not asked', async () => {
  mkdirSync(join(folder.path, '.churn-ops'))
  const file = await folder.put('customers.csv', [header, ...rows])
  await servedAs({ name: 'tenure', kind: 'category' }, { name: 'region', kind: 'category' })
  const run = await predict(file, '--json', '--output', 'scores.csv')
  expect(run.exitCode).toBe(8)
  const { error } = JSON.parse(run.stdout)
  expect(error.code).toBe('SCHEMA_MISMATCH')
  expect(error.message).toContain('it needs region')
  expect(error.message).toContain('tenure was a category and is now a number')
  expect(batches()).toEqual([])
  expect(existsSync(join(folder.path, 'scores.csv'))).toBe(false)
})
