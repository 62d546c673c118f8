import { describe, expect, it } from 'vitest'
import { tableSchema } from '../../../../src/domain/table/schema.js'
import { TELCO_SCHEMA } from '../../../../src/domain/table/telco-schema.js'

const number = (name: string): object => ({ name, kind: 'number' })
const base = { id: 'id', target: { column: 'y' } }

describe('tableSchema', () => {
  it('accepts the Telco columns, 19 features between id and target', () => {
    expect(tableSchema.parse(TELCO_SCHEMA)).toEqual(TELCO_SCHEMA)
    expect(TELCO_SCHEMA.features).toHaveLength(19)
  })

  it('leaves out blanks around the names of columns', () => {
    const read = tableSchema.parse({
      id: ' id',
      date: 'd ',
      target: { column: '\ty' },
      features: [number('a\u00a0')],
    })
    expect([read.id, read.date, read.target.column, read.features[0]?.name]).toEqual(['id', 'd', 'y', 'a'])
  })

  it.each([
    ['a column listed twice', { features: [number('a'), number('a')] }, 'listed twice'],
    ['the target among the features', { features: [number('y')] }, 'is the target'],
    ['the id among the features', { features: [number('id')] }, 'is the id column'],
    [
      'a closed column without values',
      { features: [{ name: 'a', kind: 'category' }] },
      'closed but has no values',
    ],
    [
      'a range upside down',
      { features: [{ ...number('a'), minimum: 2, maximum: 1 }] },
      'minimum above its maximum',
    ],
    [
      'equal labels',
      { target: { column: 'y', positive: '1', negative: '1' }, features: [number('a')] },
      'the same',
    ],
    [
      'names that are equal without the blanks around them',
      { features: [number('a'), number(' a\u00a0')] },
      'listed twice',
    ],
    ['a name of blanks', { features: [number(' ')] }, 'Too small'],
    ['the date as target', { date: 'y', features: [number('a')] }, 'date column is the target'],
    ['the date as id', { date: 'id', features: [number('a')] }, 'date column is the id'],
    ['the date among the features', { date: 'a', features: [number('a')] }, 'is the date column'],
    [
      'a label with blanks around it',
      { target: { column: 'y', positive: 'Yes ' }, features: [number('a')] },
      'has spaces around it',
    ],
    [
      'a value with blanks around it',
      { features: [{ name: 'a', kind: 'category', values: ['x', '\u2003y'] }] },
      'has spaces around it',
    ],
    ['the id as target', { id: 'y', features: [number('a')] }, 'id column is the target'],
  ])('refuses %s', (_, part, words) => {
    const read = tableSchema.safeParse({ ...base, ...part })
    expect(read.error?.issues.map((issue) => issue.message).join()).toContain(words)
  })
})
