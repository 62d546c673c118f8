import { expect, test } from 'vitest'
import { rowsOfJson } from '../../../../src/domain/table/json-rows.js'

const table = {
  header: ['a', 'b'],
  rows: [
    ['1', 'x'],
    ['', 'y'],
  ],
}
const records = [
  { a: 1, b: 'x' },
  { b: 'y', a: null },
]

test.each([
  ['a list of objects', records],
  ['dataframe_records', { dataframe_records: records, params: { detail: true } }],
  ['instances', { instances: records }],
  [
    'dataframe_split',
    {
      dataframe_split: {
        columns: ['a', 'b'],
        data: [
          [1, 'x'],
          [null, 'y'],
        ],
        index: [0, 1],
      },
    },
  ],
])('%s gives the rows as text', (_name, document) => {
  expect(rowsOfJson(document)).toEqual(table)
})

test('what a row leaves out is empty, and no value is silently another one', () => {
  expect(rowsOfJson([{ a: true }, { b: { c: 1 } }])).toEqual({
    header: ['a', 'b'],
    rows: [
      ['true', ''],
      ['', '{"c":1}'],
    ],
  })
})

test('a column may be called like something that every object has', () => {
  const document: unknown = JSON.parse('[{"__proto__": 1, "constructor": "x"}, {"toString": 2}]')
  expect(rowsOfJson(document)).toEqual({
    header: ['__proto__', 'constructor', 'toString'],
    rows: [
      ['1', 'x', ''],
      ['', '', '2'],
    ],
  })
})

test.each([[null], [3], [{}], [[1, 2]], [{ instances: [[1, 2]] }], [{ inputs: 'text' }]])(
  '%j is no table',
  (document) => {
    expect(rowsOfJson(document)).toBeNull()
  },
)
