import { describe, expect, it } from 'vitest'
import {
  fitOf,
  type KnownColumn,
  requireFit,
  storedPart,
  unseenValues,
  unusedColumns,
} from '../../../../src/domain/serving/model-fit.js'
import { tableSchema } from '../../../../src/domain/table/schema.js'

const known: KnownColumn[] = [
  { name: 'tenure', kind: 'number', sensitive: false, required: true, values: null },
  { name: 'plan', kind: 'category', sensitive: false, required: true, values: ['basic', 'plus'] },
  { name: 'gender', kind: 'category', sensitive: true, required: true, values: ['f', 'm'] },
]

const schema = (...features: object[]) => tableSchema.parse({ target: { column: 'left' }, features })
const number = (name: string) => ({ name, kind: 'number' })
const category = (name: string, more: object = {}) => ({ name, kind: 'category', closed: false, ...more })

describe('how a schema fits a version', () => {
  it('is well when it offers every column that the version learned from', () => {
    const fit = fitOf(known, schema(category('plan'), number('tenure')))
    expect(fit).toEqual({ missing: [], changed: [], unused: [], unstored: [] })
    expect(() => requireFit(fit, '3', 'Nothing was scored.')).not.toThrow()
    expect(unusedColumns(fit, '3')).toEqual([])
  })

  it('names columns that the version does not know, and goes on', () => {
    const sensitive = category('age_group', { sensitive: true })
    const table = schema(number('tenure'), category('plan'), category('gender'), number('visits'), sensitive)
    const fit = fitOf(known, table)
    // What was sensitive when the version was trained was not learned from.
    expect(fit.unused).toEqual(['gender', 'visits'])
    expect(fit.unstored).toEqual(['visits', 'age_group'])
    expect(unusedColumns(fit, '3')[0]).toContain('does not know gender, visits, which are not used')
    expect(() => requireFit(fit, '3', '')).not.toThrow()
    expect(storedPart(table, known).features.map(({ name }) => name)).toEqual(['tenure', 'plan', 'gender'])
  })

  it.each([
    ['a column that is gone', schema(number('tenure')), { missing: ['plan'] }, 'needs plan'],
    [
      'a column that is sensitive now',
      schema(number('tenure'), category('plan', { sensitive: true })),
      { missing: ['plan'] },
      'needs plan',
    ],
    [
      'a kind that changed',
      schema(category('tenure'), category('plan')),
      { changed: [{ name: 'tenure', model: 'number', table: 'category' }] },
      'tenure was a number and is now a category',
    ],
  ])('refuses %s', (_, table, details, said) => {
    const act = () => requireFit(fitOf(known, table), '3', 'Nothing was scored.')
    expect(act).toThrow(expect.objectContaining({ code: 'SCHEMA_MISMATCH' }))
    expect(act).toThrow(said)
    expect(act).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ version: '3', ...details }) }),
    )
  })

  it('asks for no input that the model does without, and for nothing of an unknown model', () => {
    const optional = known.map((column) => ({ ...column, required: column.name !== 'plan' }))
    expect(fitOf(optional, schema(number('tenure'))).missing).toEqual([])
    expect(fitOf([], schema(number('x'))).unused).toEqual([])
  })
})

describe('values that a version has never seen', () => {
  it('are counted by column over all rows, the most frequent first', () => {
    const unseen = unseenValues(known, '3', ['plan', 'tenure', 'gender'])
    unseen.look([
      ['gold', 1, 'x'],
      ['basic', 1, 'f'],
      [null, 1, 'f'],
    ])
    unseen.look([
      ['gold', 1, 'f'],
      ['silver', 1, 'f'],
    ])
    expect(unseen.warnings()).toEqual([
      '3 rows have a value in plan that version 3 has never seen and treats as unknown: "gold" (2), "silver" (1).',
    ])
  })

  it('are not judged where the version has no list of values', () => {
    const unseen = unseenValues(
      known.map((column) => ({ ...column, values: null })),
      '3',
      ['plan'],
    )
    unseen.look([['gold']])
    expect(unseen.warnings()).toEqual([])
  })
})
