import { describe, expect, it } from 'vitest'
import { checkHeader } from '../../../../src/domain/table/header-check.js'
import { tableSchema } from '../../../../src/domain/table/schema.js'

const schema = tableSchema.parse({
  id: 'customer',
  target: { column: 'left' },
  features: [
    { name: 'tenure', kind: 'number' },
    { name: 'contract', kind: 'category', closed: false },
  ],
})

const messages = (header: string[], target: 'required' | 'optional' | 'ignored' = 'required'): string[] =>
  checkHeader(header, 1, schema, target).problems.map(({ column, message }) => `${column}: ${message}`)

describe('checkHeader', () => {
  it('finds the columns in any order, the id may be missing', () => {
    const { layout, problems } = checkHeader(['left', 'contract', 'tenure'], 1, schema, 'required')
    expect(problems).toEqual([])
    expect(layout).toEqual({ width: 3, id: -1, target: 0, date: -1, features: [2, 1] })
  })

  it('asks for the target only where it is required', () => {
    expect(messages(['tenure', 'contract'])).toEqual(['left: The column is missing.'])
    expect(messages(['tenure', 'contract'], 'optional')).toEqual([])
    expect(checkHeader(['tenure', 'contract', 'left'], 1, schema, 'ignored').layout.target).toBe(-1)
  })

  it('names a renamed column from both sides', () => {
    expect(messages(['Tenure', 'contract', 'left'])).toEqual([
      'tenure: The column is missing; the file has "Tenure", rename it.',
      'Tenure: The schema has no such column; did you mean tenure?',
    ])
  })

  it('names doubled, unknown and nameless columns', () => {
    expect(messages(['tenure', 'contract', 'left', 'tenure', 'region of the sale', ''])).toEqual([
      'tenure: The column appears twice: columns 1 and 4.',
      'region of the sale: The schema has no such column; remove it, or list it in the schema.',
      'null: Column 6 has no name.',
    ])
  })

  it('leaves out blanks around names, says so, and refuses names that are equal then', () => {
    const found = checkHeader(
      [' tenure', 'contract\u00a0', 'left', '\u001ccustomer\t'],
      1,
      schema,
      'required',
    )
    expect(found).toMatchObject({ problems: [], layout: { features: [0, 1], target: 2 } })
    expect(found.notes).toEqual([
      'Spaces around column names in the header were trimmed: " tenure", "contract\u00a0", "\\u001ccustomer\\t".',
    ])
    expect(messages(['tenure', 'contract', 'left', 'left '])).toEqual([
      'left: The column appears twice: columns 3 and 4.',
    ])
    expect(messages(['tenure', 'contract', 'left', ' '])).toEqual(['null: Column 4 has no name.'])
  })

  it('says first when another separator is the reason', () => {
    expect(messages(['tenure;contract;left'])[0]).toContain('separated by ";"')
    expect(messages(['tenure\tcontract\tleft'])[0]).toContain('separated by tabs')
  })

  it('takes hostile names for names', () => {
    expect(messages(['tenure', 'contract', 'left', '__proto__', 'constructor'])).toEqual([
      expect.stringContaining('__proto__: The schema has no such column'),
      expect.stringContaining('constructor: The schema has no such column'),
    ])
  })
})
