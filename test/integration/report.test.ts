import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TELCO_SCHEMA } from '../../src/domain/table/telco-schema.js'
import { testPython } from '../helpers/python.js'
import { type MainRun, runMain } from '../helpers/run-main.js'
import { tableFolder, telcoRows } from '../helpers/table-folder.js'

type Folder = Awaited<ReturnType<typeof tableFolder>>
type Feature = Record<string, unknown>

const GRID = ['--grid', 'n_estimators=50', '--grid', 'max_depth=4,6', '--grid', 'min_samples_split=5']
const { header, rows } = telcoRows(400)
let python: string
let folder: Folder

beforeAll(async () => {
  python = await testPython()
  folder = await tableFolder()
})
afterAll(() => folder.remove())

const run = (...argv: string[]): Promise<MainRun> =>
  runMain(folder.path, ...argv, '--json', '--python', python)

/** Puts a table with further columns and a settings file whose schema knows them. */
async function putTable(name: string, columns: { feature: Feature; value: (churn: string) => string }[]) {
  const names = columns.map(({ feature }) => String(feature.name))
  const wider = rows.map((row) => [...row, ...columns.map(({ value }) => value(row.at(-1) ?? ''))])
  await folder.put(`${name}.csv`, [[...header, ...names], ...wider])
  const { target, id, features } = TELCO_SCHEMA
  const schema = { name, id, target, features: [...features, ...columns.map(({ feature }) => feature)] }
  await folder.put(`${name}.schema.json`, JSON.stringify(schema))
  await folder.put(`${name}.json`, JSON.stringify({ schema: `${name}.schema.json`, data: `${name}.csv` }))
  return ['--config', join(folder.path, `${name}.json`)]
}

describe('report and reproduce', () => {
  let settings: string[]
  let best: string
  let warnings: string[]

  beforeAll(async () => {
    settings = await putTable('customers', [
      { feature: { name: 'Region', kind: 'category', values: ['Spain', 'Italy'] }, value: () => 'Spain' },
      { feature: { name: 'Score', kind: 'number', blank: true }, value: () => '' },
    ])
    const { exitCode, stdout, stderr } = await run('train', ...settings, ...GRID)
    expect(exitCode, stderr).toBe(0)
    const { result } = JSON.parse(stdout)
    best = result.best.version
    warnings = result.warnings
  })

  it('has trained on a constant and a blank column, and names both', () => {
    expect(warnings.filter((warning) => warning.endsWith('nothing can be learned from it'))).toEqual([
      'Region is Spain in every training row: nothing can be learned from it',
      'Score is missing in every training row: nothing can be learned from it',
    ])
  })

  it('writes card, pictures and tables of a version into a folder', async () => {
    const { exitCode, stdout, stderr } = await run('report', `v${best}`, '--output', 'out', ...settings)
    expect(exitCode, stderr).toBe(0)
    const { result } = JSON.parse(stdout)
    expect(result).toEqual({ version: best, runId: expect.any(String), files: expect.any(Array) })
    expect(result.files[0]).toBe(join(folder.path, 'out', 'model_card.md'))
    expect(result.files).toContain(join(folder.path, 'out', 'evidence', 'importance.png'))
    const card = await readFile(result.files[0], 'utf8')
    expect(card).toContain(`# RandomForestGridSearch version ${best}`)
    expect(card).toContain('Missing values in the training rows: Score (320)')
  })

  it('reproduces a version to the last digit', async () => {
    const { exitCode, stdout, stderr } = await run('reproduce', best, ...settings)
    expect(exitCode, stderr).toBe(0)
    expect(JSON.parse(stdout).result).toMatchObject({
      version: best,
      equal: true,
      compared: { predictions: 400 },
      differences: [],
      surroundings: [],
    })
  })

  it('ends with 3 when the data has changed', async () => {
    const data = join(folder.path, 'customers.csv')
    await rename(data, `${data}.kept`)
    await writeFile(data, `${await readFile(`${data}.kept`, 'utf8')}\n`)
    const { exitCode, stdout } = await run('reproduce', best, ...settings)
    await rename(`${data}.kept`, data)
    const { error } = JSON.parse(stdout)
    expect([exitCode, error.code]).toEqual([3, 'DATA_CHANGED'])
    expect(error.hint).toContain('--data')
  })

  it('refuses a word for a version', async () => {
    const { exitCode, stdout } = await run('report', 'seven', ...settings)
    expect([exitCode, JSON.parse(stdout).error.code]).toEqual([2, 'USAGE'])
  })
})

describe('tables that must not be learned from', () => {
  it('stops at a column that repeats the target and names it', async () => {
    const settings = await putTable('leaking', [
      {
        feature: { name: 'CancelReason', kind: 'category', values: ['none', 'price'] },
        value: (churn) => (churn === 'Yes' ? 'price' : 'none'),
      },
    ])
    const { exitCode, stdout } = await run('train', ...settings, ...GRID)
    const { error } = JSON.parse(stdout)
    expect([exitCode, error.code]).toEqual([3, 'DATA_LEAK'])
    expect(error.message).toContain('CancelReason (AUC 1.000)')
    const validated = await run('validate', 'leaking.csv', ...settings)
    const { refusal } = JSON.parse(validated.stdout).result
    expect([validated.exitCode, refusal]).toEqual([
      3,
      { code: 'DATA_LEAK', message: error.message, hint: error.hint },
    ])
  })

  it('names the third value of a target', async () => {
    const three = rows.map((row, at) => (at === 7 ? [...row.slice(0, -1), 'Maybe'] : row))
    await folder.put('three.csv', [header, ...three])
    const { exitCode, stdout } = await run('train', '--data', 'three.csv', ...GRID)
    const { error } = JSON.parse(stdout)
    expect([exitCode, error.code]).toEqual([3, 'DATA_INVALID'])
    expect(error.message).toContain('line 9, Churn: "Maybe" is not one of Yes, No')
    expect(error.details.problems).toEqual([
      expect.objectContaining({ line: 9, column: 'Churn', value: 'Maybe' }),
    ])
  })
})
