import { describe, expect, it } from 'vitest'
import { tableSchema } from '../../../src/domain/schema.js'
import { TELCO_SCHEMA } from '../../../src/domain/telco-schema.js'

const number = (name: string): object => ({ name, kind: 'number' })
const base = { id: 'id', target: { column: 'y' } }

describe('tableSchema', () => {
  it('accepts the Telco columns, 19 features between id and target', () => {
    expect(tableSchema.parse(TELCO_SCHEMA)).toEqual(TELCO_SCHEMA)
    expect(TELCO_SCHEMA.features).toHaveLength(19)
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
    ['the id as target', { id: 'y', features: [number('a')] }, 'id column is the target'],
  ])('refuses %s', (_, part, words) => {
    const read = tableSchema.safeParse({ ...base, ...part })
    expect(read.error?.issues.map((issue) => issue.message).join()).toContain(words)
  })
})
