import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testPython } from '../helpers/python.js'
import { runMain } from '../helpers/run-main.js'
import { tableFolder, telcoRows } from '../helpers/table-folder.js'

let python: string
let folder: Awaited<ReturnType<typeof tableFolder>>

beforeAll(async () => {
  python = await testPython()
  folder = await tableFolder()
  const { header, rows } = telcoRows(300)
  await folder.put('customers.csv', [header, ...rows])
})
afterAll(() => folder.remove())

async function train(
  ...argv: string[]
): Promise<{ exitCode: number; document: ReturnType<typeof JSON.parse> }> {
  const output = await runMain(
    folder.path,
    'train',
    '--data',
    'customers.csv',
    '--json',
    '--python',
    python,
    ...argv,
  )
  return { exitCode: output.exitCode, document: JSON.parse(output.stdout) }
}

describe('train', () => {
  it('lets several estimators compete by random search over folds, under one name', async () => {
    const { exitCode, document } = await train(
      ...['--estimator', 'forest', '--estimator', 'logistic-regression', '--search', 'random'],
      ...['--iterations', '2', '--cv', '3', '--grid', 'n_estimators=5,10', '--calibrate'],
    )
    expect(exitCode, JSON.stringify(document)).toBe(0)
    const { candidates, model, split } = document.result
    expect(candidates.map((candidate: { name: string }) => candidate.name)).toEqual([
      'RF_random_1',
      'RF_random_2',
      'LR_random_1',
      'LR_random_2',
    ])
    expect(new Set(candidates.map((candidate: { estimator: string }) => candidate.estimator)).size).toBe(2)
    expect(candidates[0].metrics.cv_average_precision).toBeGreaterThan(0)
    expect({ model, kind: split.kind }).toEqual({ model: 'RandomForestGridSearch', kind: 'random' })
  })

  it('chooses the threshold by profit and splits by id when the settings say so', async () => {
    const settings = {
      threshold: 'cost',
      cost: { contactCost: 5, saveRate: 0.3, value: 'MonthlyCharges' },
      split: 'id',
      grid: { n_estimators: [20], max_depth: [4], min_samples_split: [5] },
    }
    await writeFile(join(folder.path, 'cost.json'), JSON.stringify(settings))
    const { exitCode, document } = await train('--config', 'cost.json')
    expect(exitCode, JSON.stringify(document)).toBe(0)
    expect(document.result.split.kind).toBe('id')
    expect(document.result.best.metrics).toMatchObject({ profit: expect.any(Number) })
  })

  it.each([
    [
      'a capacity larger than the table',
      ['--capacity', '301'],
      2,
      'CONFIG_INVALID',
      /301 customers.*300 valid rows/,
    ],
    ['a capacity that is none', ['--capacity', 'many'], 2, 'USAGE', /10%/],
    ['more folds than rows of the rarer class', ['--cv', '200'], 3, 'DATA_TOO_FEW', /200 folds/],
    ['a split by time without dates', ['--split', 'time'], 2, 'CONFIG_INVALID', /date/],
    ['an unknown estimator', ['--estimator', 'forrest'], 2, 'USAGE', /forest/],
    ['a parameter that no chosen estimator has', ['--grid', 'C=1'], 2, 'GRID_INVALID', /no parameter C/],
    [
      'an impossible value',
      ['--estimator', 'logistic-regression', '--grid', 'C=0'],
      2,
      'GRID_INVALID',
      /C=0/,
    ],
  ])('refuses %s', async (_what, argv, exitCode, code, words) => {
    const refused = await train(...argv)
    expect(refused.exitCode, JSON.stringify(refused.document)).toBe(exitCode)
    expect(refused.document.error.code).toBe(code)
    expect(refused.document.error.message).toMatch(words)
  })
})
