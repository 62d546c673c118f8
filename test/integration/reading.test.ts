import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testPython } from '../helpers/python.js'
import { runMain } from '../helpers/run-main.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'churn-ops-reading-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const target = { column: 'left', positive: 'yes', negative: 'no' }
const features = [
  { name: 'age', kind: 'number' },
  { name: 'balance', kind: 'number' },
]

function settings(schema: object, more: object = {}): void {
  writeFileSync(join(folder, 'schema.json'), JSON.stringify(schema))
  writeFileSync(
    join(folder, 'churn-ops.json'),
    JSON.stringify({ schema: 'schema.json', data: 't.csv', ...more }),
  )
}

const put = (...lines: string[]): void => writeFileSync(join(folder, 't.csv'), `${lines.join('\n')}\n`)

async function run(...argv: string[]) {
  const { exitCode, stdout, stderr } = await runMain(folder, ...argv, '--json')
  expect(stdout, stderr).toMatch(/^\{/)
  return { exitCode, ...JSON.parse(stdout) }
}

/** Rows of a customer each, `churners` of them left. */
function rows(count: number, churners: number): string[] {
  return Array.from(
    { length: count },
    (_, at) => `c${at},${at % 70},${at * 3},${at < churners ? 'yes' : 'no'}`,
  )
}

const HEADER = 'customer,age,balance,left'

describe('validate ends with 3 on what train would refuse', () => {
  beforeEach(() => settings({ id: 'customer', target, features }))

  test.each([
    ['one class', rows(300, 300), 'DATA_ONE_CLASS'],
    ['the other class alone', rows(300, 0), 'DATA_ONE_CLASS'],
    ['nine rows', rows(9, 4), 'DATA_TOO_FEW'],
    ['one churner', rows(300, 1), 'DATA_TOO_FEW'],
    ['one class among the valid rows', [...rows(20, 0), 'x,old,1,yes'], 'DATA_INVALID'],
    ['no valid row', ['a,x,1,yes', 'b,y,1,no'], 'DATA_INVALID'],
  ])('%s', async (_, lines, code) => {
    put(HEADER, ...lines)
    const { exitCode, ok, result } = await run('validate', 't.csv')
    expect([exitCode, ok, result.refusal.code]).toEqual([3, true, code])
    expect(result.valid + result.invalid).toBe(lines.length)
    const { yes, no } = result.classes
    expect(yes + no).toBe(result.valid)
    const people = await runMain(folder, 'validate', 't.csv')
    expect(people.stdout).toContain(`${lines.length} rows, ${result.valid} valid, ${result.invalid} invalid`)
    if (code !== 'DATA_INVALID') expect(people.stdout).toContain(`train refuses it ${result.refusal.message}`)
  })

  test('too few churners for the folds', async () => {
    put(HEADER, ...rows(100, 5))
    settings({ id: 'customer', target, features }, { cv: 5 })
    expect(await run('validate', 't.csv')).toMatchObject({
      exitCode: 3,
      result: { refusal: { code: 'DATA_TOO_FEW' } },
    })
  })

  test('not on rows that are only to be scored, whose labels are counted too', async () => {
    put(HEADER, 'a,1,1,yes', 'b,2,2,', 'c,3,3,')
    expect(await run('validate', 't.csv', '--unlabelled')).toMatchObject({
      exitCode: 0,
      result: { refusal: null },
    })
    const { stdout } = await runMain(folder, 'validate', 't.csv', '--unlabelled')
    expect(stdout).toContain('3 rows, 3 valid, 0 invalid (no 0, yes 1, 2 without a label)')
  })

  test('and the three that have nothing to judge', async () => {
    for (const lines of [[''], [HEADER], [HEADER, '', '']]) {
      put(...lines)
      expect(await run('validate', 't.csv')).toMatchObject({ exitCode: 3, error: { code: 'DATA_EMPTY' } })
    }
    put('customer,age,balance', 'a,1,1')
    expect(await run('validate', 't.csv')).toMatchObject({ exitCode: 3, result: { valid: 0, invalid: 1 } })
  })
})

describe('a schema file', () => {
  test.each([
    [
      'two names that only blanks keep apart',
      { target, features: [...features, { name: 'age ', kind: 'number' }] },
    ],
    ['a label with blanks around it', { target: { ...target, positive: ' yes' }, features }],
    [
      'a value with blanks around it',
      { target, features: [{ name: 'plan', kind: 'category', values: ['a', 'b\u00a0'] }] },
    ],
  ])('with %s is refused', async (_, schema) => {
    settings(schema)
    put(HEADER, ...rows(20, 5))
    expect(await run('validate', 't.csv')).toMatchObject({ exitCode: 2, error: { code: 'CONFIG_INVALID' } })
  })
})

test('a header with blanks names the same customers on both sides, and a number that is too large costs its row alone', async () => {
  const blanks = [
    { name: 'age\u00a0', kind: 'number' },
    { name: ' balance', kind: 'number' },
  ]
  settings(
    { id: 'customer ', target, features: blanks },
    {
      python: await testPython(),
      maxInvalid: 2,
      grid: { n_estimators: [5], max_depth: [3], min_samples_split: [2] },
    },
  )
  const lines = Array.from(
    { length: 600 },
    (_, at) => `c${at >> 2},${(at * 7) % 70},${at},${at % 3 === 0 ? ' yes' : 'no '}`,
  )
  put('customer , age\t,balance,left\u2003', ...lines, 'd1,1e39,1,no', 'd2,1,-3.5e38,yes')
  const { exitCode, result, error } = await run('train')
  expect(error).toBeUndefined()
  expect([exitCode, result.invalid, result.split.trainRows + result.split.testRows]).toEqual([0, 2, 600])
  expect(result.warnings).toContain(
    'Spaces around column names in the header were trimmed: "customer ", " age\\t", "left\u2003".',
  )
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const sides = files.find((path) => path.endsWith('sides.parquet')) ?? 'none'
  const count = `import pandas as pd, sys; print(len(pd.read_parquet(sys.argv[1])))`
  expect(execFileSync(await testPython(), ['-c', count, join(folder, sides)], { encoding: 'utf8' })).toBe(
    '150\n',
  )
  const { result: judged } = await run('validate', 't.csv')
  expect(
    judged.problems.map(({ line, message }: { line: number; message: string }) => [line, message]),
  ).toEqual([
    [602, 'is beyond ±3.4e38, the range of a model'],
    [603, 'is beyond ±3.4e38, the range of a model'],
  ])
}, 120_000)
