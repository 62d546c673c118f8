import { describe, expect, it, test } from 'vitest'
import type { Validation } from '../../../../src/domain/table/dataset.js'
import { rareClassNotes, trainingRefusal } from '../../../../src/domain/table/trainable-table.js'

function table(no: number, yes: number, part: Partial<Validation> = {}): Validation {
  const valid = no + yes
  const invalid = part.invalid ?? 0
  return {
    dataset: { path: '/t.csv', sha256: '0'.repeat(64), rows: valid + invalid },
    valid,
    invalid,
    problems: [],
    headerValid: true,
    invalidRecords: [],
    header: [],
    notes: [],
    quarantine: null,
    classes: { No: no, Yes: yes },
    repeats: { ids: 0, rows: 0, doubles: 0, exact: true },
    ...part,
  }
}

const problem = { line: 2, column: 'age', value: 'x', message: 'is not a number' }

describe('trainingRefusal', () => {
  test.each([
    ['one class', table(300, 0), 'DATA_ONE_CLASS', 'All 300 valid rows of /t.csv have the label No'],
    ['no valid row', table(0, 0, { invalid: 3, problems: [problem] }), 'DATA_INVALID', '3 of 3 rows'],
    ['nine rows', table(5, 4), 'DATA_TOO_FEW', '9 valid rows, at least 10 are needed'],
    [
      'one row of a class',
      table(99, 1),
      'DATA_TOO_FEW',
      '1 valid rows with the label Yes, at least 2 are needed',
    ],
    ['one invalid row', table(99, 9, { invalid: 1, problems: [problem] }), 'DATA_INVALID', '1 of 109 rows'],
    [
      'a wrong header',
      table(0, 0, { headerValid: false, invalid: 9 }),
      'DATA_HEADER',
      'columns of the schema',
    ],
  ])('refuses %s', (_, validation, code, words) => {
    const refusal = trainingRefusal(validation, { maxInvalid: 0, folds: null })
    expect(refusal).toMatchObject({ code, exitCode: 3, message: expect.stringContaining(words) })
  })

  it('refuses a table without a valid row even when so many may be left out', () => {
    const validation = table(0, 0, { invalid: 3, problems: [problem], quarantine: 'q.csv' })
    expect(trainingRefusal(validation, { maxInvalid: 3, folds: null })).toMatchObject({
      code: 'DATA_EMPTY',
      message: '/t.csv has no valid row: 3 of 3 are invalid. Nothing was trained.',
    })
  })

  it('asks for a row of each class in every fold, and one to test on', () => {
    expect(trainingRefusal(table(99, 5), { maxInvalid: 0, folds: 5 })?.message).toContain(
      '5 valid rows with the label Yes, at least 6 are needed for 5 folds and a test',
    )
    expect(trainingRefusal(table(99, 6), { maxInvalid: 0, folds: 5 })).toBeNull()
  })

  it('lets a table pass that can be trained on', () => {
    expect(trainingRefusal(table(8, 2), { maxInvalid: 0, folds: null })).toBeNull()
    expect(trainingRefusal(table(8, 2, { invalid: 1 }), { maxInvalid: 1, folds: null })).toBeNull()
  })
})

test('a class so rare that the split may miss it is told', () => {
  expect(rareClassNotes(table(1_500, 12))).toEqual([
    'Only 12 valid rows have the label Yes: the split may leave none of them for training or testing.',
  ])
  expect([rareClassNotes(table(99, 21)), rareClassNotes(table(99, 1)), rareClassNotes(table(0, 0))]).toEqual([
    [],
    [],
    [],
  ])
})
