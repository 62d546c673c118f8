import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testPython } from '../helpers/python.js'
import { runMain } from '../helpers/run-main.js'
import { tableFolder, telcoRows } from '../helpers/table-folder.js'

// The same rows as Parquet, as the pandas of a user writes it, and as a table of SQLite.
const MAKE_FORMS = `
import sqlite3, sys
import pandas as pd
table = pd.read_csv("customers.csv", na_values=[" "])
table.to_parquet("customers.parquet")
table.head(0).to_parquet("none.parquet")
table.assign(tenure=[-5, *table["tenure"][1:]]).to_parquet("bad.parquet")
with sqlite3.connect("customers.db") as connection:
    table.to_sql("customers", connection, index=False)
connection.close()
`
const GRID = ['n_estimators=12', 'max_depth=5', 'min_samples_split=2'].flatMap((one) => ['--grid', one])
const SELECT = ['--query', 'SELECT * FROM customers']
const DATABASE = 'sqlite:///customers.db'

let python: string
let folder: Awaited<ReturnType<typeof tableFolder>>

beforeAll(async () => {
  python = await testPython()
  folder = await tableFolder()
  const { header, rows } = telcoRows(500)
  await folder.put('customers.csv', [header, ...rows])
  execFileSync(python, ['-c', MAKE_FORMS], { cwd: folder.path })
})
afterAll(() => folder.remove())

async function run(...argv: string[]) {
  const { exitCode, stdout, stderr } = await runMain(folder.path, ...argv, '--json', '--python', python)
  // biome-ignore lint/suspicious/noExplicitAny: the printed document, judged by the tests.
  return { exitCode, stderr, document: JSON.parse(stdout) as any }
}

const tables = (): string[] => {
  const path = join(folder.path, '.churn-ops', 'tables')
  return existsSync(path) ? readdirSync(path) : []
}

describe('a table as CSV, as Parquet and as a query', () => {
  it('gives the same forest to the last digit', { timeout: 180_000 }, async () => {
    const train = async (...form: string[]) => {
      const trained = await run(
        'train',
        ...GRID,
        '--tracking-uri',
        'sqlite:///store/mlflow.db',
        '--data',
        ...form,
      )
      expect(trained.exitCode, trained.stderr).toBe(0)
      return trained.document.result
    }
    mkdirSync(join(folder.path, 'store'))
    const csv = await train('customers.csv')
    const parquet = await train('customers.parquet')
    const sql = await train(DATABASE, ...SELECT)

    const { metrics, threshold } = csv.best
    expect(metrics.f1_score).toBeGreaterThan(0.3)
    // Also the customers are the same ones, so that each keeps its side of the split.
    expect(parquet).toMatchObject({
      best: { metrics, threshold, reused: false },
      split: { ...csv.split, knownCustomers: 500 },
    })
    // The same rows are the same bytes, so that the query finds the version that the Parquet file made.
    expect(sql.best).toEqual({ ...parquet.best, reused: true })
    expect(sql.dataset.sha256).toBe(parquet.dataset.sha256)
    expect(parquet.dataset).toMatchObject({ rows: 500, source: join(folder.path, 'customers.parquet') })
    expect(sql.dataset.source).toMatch(/^sqlite:\/{4}.*\/customers\.db#query=[0-9a-f]{16}$/)
    // They are kept under their hash, as the data that the version learned from.
    const kept = join(folder.path, 'store', '.churn-ops', 'tables', `${sql.dataset.sha256.slice(0, 16)}.csv`)
    expect(sql.dataset.path).toBe(kept)
    expect(readFileSync(kept, 'utf8').split('\r\n')[0]).toBe(telcoRows(1).header.join(','))
  })
})

describe('validate', () => {
  it('names the rows of a Parquet file by number, and puts the invalid ones beside it', async () => {
    const { exitCode, document } = await run('validate', 'bad.parquet')
    expect(exitCode).toBe(3)
    expect(document.result.problems).toEqual([
      { line: 1, column: 'tenure', value: '-5', message: 'is below 0' },
    ])
    expect(document.result.quarantine).toBe(join(folder.path, 'bad.quarantine.csv'))
    const text = await runMain(folder.path, 'validate', 'bad.parquet', '--python', python)
    expect(text.stdout).toMatch(/^row +column/m)
    expect(text.stdout).toContain(join(folder.path, 'bad.parquet'))
  })

  it('takes the query of the settings, and leaves no copy of the customers behind', async () => {
    await folder.put(
      'named.json',
      JSON.stringify({ data: DATABASE, query: 'SELECT * FROM customers LIMIT 7' }),
    )
    const { exitCode, document } = await run('validate', DATABASE, '--config', 'named.json')
    expect([exitCode, document.result.dataset.rows]).toEqual([3, 7])
    expect(document.result.refusal.message).toContain('7 valid rows, at least 10 are needed')
    expect(existsSync(document.result.dataset.path)).toBe(false)
    expect(tables()).toEqual([])
  })

  it('names a missing column of a query without a line', async () => {
    const { exitCode, document } = await run(
      'train',
      '--data',
      DATABASE,
      '--query',
      'SELECT gender FROM customers',
    )
    expect([exitCode, document.error.code]).toEqual([3, 'DATA_HEADER'])
    expect(document.error.message).toMatch(/schema: SeniorCitizen: The column is missing\./)
  })
})

describe('what gives no rows', () => {
  it.each([
    [
      'a query without a match',
      [DATABASE, '--query', 'SELECT * FROM customers WHERE tenure > 999'],
      3,
      'DATA_EMPTY',
    ],
    ['an empty Parquet file', ['none.parquet'], 3, 'DATA_EMPTY'],
    ['a query that fails', [DATABASE, '--query', 'SELECT * FROM nobody'], 3, 'DATA_UNREADABLE'],
    ['a database file that is not there', ['sqlite:///nowhere.db', ...SELECT], 3, 'DATA_UNREADABLE'],
    ['a Parquet file that is not there', ['nowhere.parquet'], 3, 'DATA_UNREADABLE'],
    ['a server that is not there', ['postgresql://127.0.0.1:1/crm', ...SELECT], 7, 'DATABASE_UNREACHABLE'],
    ['a password in the URL', ['postgresql://bob:s3same@127.0.0.1/crm', ...SELECT], 2, 'USAGE'],
    ['a database without a query', [DATABASE], 2, 'USAGE'],
    ['a query for a file', ['customers.csv', ...SELECT], 2, 'USAGE'],
    ['a query that writes', [DATABASE, '--query', 'DELETE FROM customers'], 2, 'USAGE'],
  ])('%s is named', async (_what, form, exitCode, code) => {
    const output = await run('validate', ...form)
    expect([output.exitCode, output.document.error.code]).toEqual([exitCode, code])
    expect(JSON.stringify(output.document) + output.stderr).not.toContain('s3same')
    expect(tables()).toEqual([])
  })

  it('stops a training before anything is registered', async () => {
    const none = 'SELECT * FROM customers WHERE tenure > 999'
    const output = await run('train', '--data', DATABASE, '--query', none)
    expect([output.exitCode, output.document.error.code]).toEqual([3, 'DATA_EMPTY'])
    expect(output.document.error.message).toContain('The query returns no rows')
    expect(existsSync(join(folder.path, 'mlflow.db'))).toBe(false)
  })

  it('includes a query for no database at all', async () => {
    const output = await run('train', ...SELECT)
    expect([output.exitCode, output.document.error.code]).toEqual([2, 'USAGE'])
  })
})
