import { expect, test } from 'vitest'
import { checkRows, inputColumns } from '../../../../src/domain/serving/value-check.js'
import { COLUMNS } from '../../../helpers/served-columns.js'

test('values pass as they are; blanks of a category are missing values', () => {
  const rows = [
    [3, 2.5, 'year'],
    [null, null, null],
    [-0, 1e38, '  '],
    [4, undefined, ' other '],
  ]
  expect(checkRows(COLUMNS, rows)).toEqual({
    ok: true,
    rows: [
      [3, 2.5, 'year'],
      [null, null, null],
      [-0, 1e38, null],
      [4, null, ' other '],
    ],
  })
})

test.each([
  [[3.7, 1, 'year'], 'tenure', 'a fraction where a whole number belongs'],
  [[undefined, 1, 'year'], 'tenure', 'is missing'],
  [['3', 1, 'year'], 'tenure', 'text where a number belongs'],
  [[true, 1, 'year'], 'tenure', 'true or false where a number belongs'],
  [[3, [1], 'year'], 'charges', 'a list or an object where a number belongs'],
  [[3, 1e39, 'year'], 'charges', 'beyond what a model computes with'],
  [[3, 1, 7], 'contract', 'a number where text belongs'],
  [[3, 1, false], 'contract', 'true or false where text belongs'],
  [[3, 1, {}], 'contract', 'a list or an object where text belongs'],
])('%j is refused by row and column', (row, column, message) => {
  expect(checkRows(COLUMNS, [[1, 1, 'year'], row])).toEqual({
    ok: false,
    problems: [{ row: 2, column, message: expect.stringContaining(message) }],
  })
})

test('at most twenty problems are listed', () => {
  const found = checkRows(
    COLUMNS,
    Array.from({ length: 1000 }, () => ['x', 'x', 1]),
  )
  expect(found.ok || found.problems).toHaveLength(20)
})

test('sensitive columns are no inputs', () => {
  const [first, ...others] = COLUMNS
  if (first === undefined) throw new Error('no columns')
  expect(inputColumns([{ ...first, sensitive: true }, ...others])).toEqual(others)
})
