import { describe, expect, test } from 'vitest'
import { readInvocation } from '../../../../src/domain/serving/invocation.js'
import { COLUMNS } from '../../../helpers/served-columns.js'

const read = (document: unknown) => readInvocation(document, { columns: COLUMNS, id: 'id' })
const record = { contract: 'year', tenure: 3, charges: 2.5 }

describe('the four shapes of MLflow give the same rows', () => {
  const names = ['contract', 'charges', 'tenure']
  test.each([
    ['dataframe_split', { dataframe_split: { columns: names, data: [['year', 2.5, 3]] } }],
    [
      'dataframe_split with an index',
      { dataframe_split: { columns: names, data: [['year', 2.5, 3]], index: [0] } },
    ],
    ['dataframe_records', { dataframe_records: [record] }],
    ['instances', { instances: [record] }],
    ['inputs by column', { inputs: { contract: ['year'], tenure: [3], charges: [2.5] } }],
    ['inputs of one row', { inputs: record }],
    ['inputs by row', { inputs: [record] }],
  ])('%s', (_name, document) => {
    expect(read(document)).toEqual({ ok: true, rows: [[3, 2.5, 'year']], customers: [null], detail: false })
  })

  test('an id beside the features names the customer; other columns are left out', () => {
    const rows = [
      { ...record, id: 'C1', other: { deep: [] } },
      { ...record, id: 7 },
    ]
    expect(read({ dataframe_records: rows })).toMatchObject({ ok: true, customers: ['C1', '7'] })
    const split = { columns: ['id', 'tenure', 'charges', 'contract'], data: [['C1', 1, 2, 'year']] }
    expect(read({ dataframe_split: split })).toMatchObject({ customers: ['C1'], rows: [[1, 2, 'year']] })
  })

  test('details are asked for by params', () => {
    expect(read({ instances: [record], params: { detail: true } })).toMatchObject({ detail: true })
    expect(read({ instances: [record], params: null })).toMatchObject({ detail: false })
  })

  test('an optional column may be left out, and no rows are no rows', () => {
    expect(read({ dataframe_split: { columns: ['tenure', 'contract'], data: [[1, 'year']] } })).toMatchObject(
      {
        rows: [[1, null, 'year']],
      },
    )
    expect(read({ dataframe_records: [] })).toMatchObject({ ok: true, rows: [] })
  })
})

describe('a request that cannot be read', () => {
  const split = (columns: unknown, data: unknown) => ({ dataframe_split: { columns, data } })
  test.each([
    ['a list', [], null, 'not an object'],
    ['no shape', { rows: [] }, null, 'exactly one of'],
    ['two shapes', { instances: [], inputs: {} }, null, 'exactly one of'],
    ['split without columns', { dataframe_split: { data: [] } }, null, 'needs "columns"'],
    ['split that is a list', { dataframe_split: [] }, null, 'needs "columns"'],
    ['split with numbers as names', split([1], [[1]]), null, 'needs "columns"'],
    ['split with rows that are none', split(['tenure'], [1]), null, 'needs "columns"'],
    ['a column twice', split(['tenure', 'tenure', 'contract'], []), null, 'named twice'],
    ['an uneven row', split(['tenure', 'contract'], [[1, 'year'], [1]]), 2, 'has 1 values for 2 columns'],
    ['lists in place of records', { instances: [[1, 2]] }, null, 'a list of objects'],
    ['inputs of different lengths', { inputs: { tenure: [1, 2], contract: ['x'] } }, null, 'one length'],
    ['an unknown parameter', { instances: [record], params: { secret: 1 } }, null, 'knows only detail'],
    [
      'a detail that is no boolean',
      { instances: [record], params: { detail: 'yes' } },
      null,
      'true or false',
    ],
    ['params that are a list', { instances: [record], params: [] }, null, 'knows only detail'],
  ])('%s', (_name, document, row, message) => {
    expect(read(document)).toEqual({
      ok: false,
      problems: [{ row, column: null, message: expect.stringContaining(message) }],
    })
  })

  test('columns that are not there are named', () => {
    const problems = [{ row: null, column: 'contract', message: 'is missing' }]
    expect(read({ dataframe_split: { columns: ['tenure'], data: [[1]] } })).toEqual({ ok: false, problems })
    expect(read({ dataframe_records: [{ tenure: 1, charges: 1 }] })).toEqual({ ok: false, problems })
    expect(read({ inputs: { tenure: [1] } })).toEqual({ ok: false, problems })
  })

  test('names of every object are no columns', () => {
    const columns = [{ ...COLUMNS[0], name: 'constructor' } as (typeof COLUMNS)[number]]
    expect(readInvocation({ instances: [{}] }, { columns, id: null })).toMatchObject({
      problems: [{ column: 'constructor', message: 'is missing' }],
    })
  })
})
