import { describe, expect, it } from 'vitest'
import { checkHeader } from '../../../../src/domain/table/header-check.js'
import { idOf, toRawRow } from '../../../../src/domain/table/raw-row.js'
import { createRowCheck } from '../../../../src/domain/table/row-check.js'
import { tableSchema } from '../../../../src/domain/table/schema.js'

const schema = tableSchema.parse({
  id: 'customer',
  target: { column: 'left' },
  features: [
    { name: 'tenure', kind: 'number', integer: true, minimum: 0, maximum: 100 },
    { name: 'total', kind: 'number', blank: true },
    { name: 'contract', kind: 'category', values: ['Month-to-month', 'One year'] },
    { name: 'region', kind: 'category', closed: false, blank: true },
  ],
})
const HEADER = ['customer', 'tenure', 'total', 'contract', 'region', 'left']
const { layout } = checkHeader(HEADER, 1, schema, 'required')
const GOOD = ['c1', '3', '29.85', 'One year', 'north', 'Yes']

const put = (column: string, value: string): string[] =>
  GOOD.map((text, at) => (HEADER[at] === column ? value : text))

function complaints(fields: string[], targetRequired = true): string[] {
  const check = createRowCheck(layout, schema, { targetRequired })
  return check(fields, 7).map(({ column, message }) => `${column}: ${message}`)
}

describe('createRowCheck', () => {
  it('accepts a good row, also a second time', () => {
    const check = createRowCheck(layout, schema, { targetRequired: true })
    expect([check(GOOD, 2), check(GOOD, 3)]).toEqual([[], []])
  })

  it.each(['0', '29.85', '.5', '5.', '-1', '+1', '1e3', ' 7 ', '', ' ', '\t', '\u00a0'])(
    'takes %j for a number or a blank',
    (value) => {
      expect(complaints(put('total', value))).toEqual([])
    },
  )

  it.each([
    'abc',
    '1,5',
    '0x10',
    'Infinity',
    '-inf',
    'NaN',
    'nan',
    '1_000',
    '1 000',
    '--1',
    '1e',
    '٣',
    '\ufeff1',
    '$5',
    '.',
  ])('does not take %j for a number', (value) => {
    expect(complaints(put('total', value))).toEqual(['total: is not a number'])
  })

  it.each([
    ['tenure', '1.5', 'is not a whole number'],
    ['tenure', '-1', 'is below 0'],
    ['tenure', '101', 'is above 100'],
    ['tenure', ' ', 'is empty'],
    ['contract', 'one year', 'is not a known value; did you mean One year?'],
    ['contract', 'weekly or so', 'is not one of Month-to-month, One year'],
    ['contract', '', 'is empty'],
    ['region', 'a\u0000b', 'contains a NUL character'],
    ['left', 'yes', 'is not a known value; did you mean Yes?'],
    ['left', '1', 'is not one of Yes, No'],
    ['left', '', 'is empty'],
  ])('names %s = %j: %s', (column, value, message) => {
    expect(complaints(put(column, value))).toEqual([`${column}: ${message}`])
  })

  it.each(['1e999', '3.4028235677973366e38', '-3.5e38'])('names %j for its size', (value) => {
    expect(complaints(put('total', value))).toEqual(['total: is beyond ±3.4e38, the range of a model'])
  })

  it.each(['3.4028235677973362e38', '-3.4028234663852886e38', '1e-400'])('takes %j', (value) => {
    expect(complaints(put('total', value))).toEqual([])
  })

  it('takes whole numbers of any size for whole', () => {
    const big = tableSchema.parse({
      target: { column: 'y' },
      features: [{ name: 'a', kind: 'number', integer: true }],
    })
    const header = checkHeader(['a'], 1, big, 'ignored')
    expect(createRowCheck(header.layout, big, { targetRequired: false })(['1e20'], 2)).toEqual([])
  })

  it.each([
    ['contract', '\u00a0One year\t'],
    ['left', ' Yes'],
  ])('leaves out the blanks around %s = %j', (column, value) => {
    expect(complaints(put(column, value))).toEqual([])
  })

  it('lets a label be blank where the target is not required, and no other text', () => {
    expect(complaints(put('left', ' '), false)).toEqual([])
    expect(complaints(put('left', 'maybe'), false)).toHaveLength(1)
  })

  it('names every wrong column of a row with its line and value', () => {
    const check = createRowCheck(layout, schema, { targetRequired: true })
    expect(check(['c1', 'x', 'y', 'One year', '', 'Yes'], 7)).toEqual([
      { line: 7, column: 'tenure', value: 'x', message: 'is not a number' },
      { line: 7, column: 'total', value: 'y', message: 'is not a number' },
    ])
  })

  it('names a ragged row as a whole and cuts what it quotes', () => {
    expect(complaints(GOOD.slice(1))).toEqual(['null: has 5 fields, the header has 6'])
    const [problem] = createRowCheck(layout, schema, { targetRequired: true })([...GOOD, 'x'.repeat(500)], 9)
    expect(problem?.line).toBe(9)
    expect(problem?.value).toHaveLength(100)
  })

  it('still judges right when a column has more values than it remembers', () => {
    const check = createRowCheck(layout, schema, { targetRequired: true })
    for (let at = 0; at < 5_000; at++) expect(check(put('total', `${at}.5`), at)).toEqual([])
    expect(check(put('total', '4999.5x'), 1)).toHaveLength(1)
  })
})

describe('toRawRow', () => {
  it('gives numbers as numbers, blanks as null, texts without outer blanks, features only in schema order', () => {
    const row = toRawRow(['c1', ' 3 ', ' ', 'One year', '', 'Yes'], layout, schema)
    expect(row).toEqual([3, null, 'One year', null])
    expect(toRawRow(put('region', '\u00a0north west '), layout, schema)[3]).toBe('north west')
  })

  it('keeps the id apart', () => {
    expect(idOf(GOOD, layout)).toBe('c1')
    expect(idOf(put('customer', ' '), layout)).toBeNull()
    expect(idOf(['3'], { ...layout, id: -1 })).toBeNull()
  })
})
