import { expect, test } from 'vitest'
import type { Validation } from '../../../../src/domain/table/dataset.js'
import { TELCO_SCHEMA } from '../../../../src/domain/table/telco-schema.js'
import { ChurnOpsError } from '../../../../src/errors.js'
import { whyNotTrainable } from '../../../../src/usecases/training/training-refusal.js'

const settings = {
  maxInvalid: 0,
  folds: null,
  schema: TELCO_SCHEMA,
  suspects: [],
  split: 'random' as const,
  splitSeed: 42,
}

function table(yes: number, ids = 0, rows = 0): Validation {
  return {
    dataset: { path: '/t.csv', sha256: '0'.repeat(64), rows: 1000 },
    valid: 1000,
    invalid: 0,
    problems: [],
    headerValid: true,
    invalidRecords: [],
    header: [],
    notes: [],
    quarantine: null,
    classes: { No: 1000 - yes, Yes: yes },
    repeats: { ids, rows, doubles: 0, exact: true },
  }
}

const noPython = async (): Promise<never> => {
  throw new Error('Python was asked')
}
const refusing = (code: 'DATA_TOO_FEW' | 'PYTHON_PACKAGES') => async () => ({
  check: async (): Promise<void> => {
    throw new ChurnOpsError(code, { message: 'no', hint: 'none', details: {} })
  },
})

test('a table with many customers of both classes needs no Python', async () => {
  expect(await whyNotTrainable(table(200), settings, noPython)).toBeNull()
  expect(await whyNotTrainable(table(0), settings, noPython)).toMatchObject({ code: 'DATA_ONE_CLASS' })
})

test.each([
  ['few rows of a class', table(5), settings],
  ['few customers of a class', table(100, 50, 500), settings],
  ['a column that may know the answer', table(300), { ...settings, suspects: ['LeftOn'] }],
  ['a split by time', table(300), { ...settings, split: 'time' as const }],
])('%s: only Python can tell', async (_, validation, asked) => {
  expect(await whyNotTrainable(validation, asked, async () => ({ check: async () => undefined }))).toBeNull()
  expect(await whyNotTrainable(validation, asked, refusing('DATA_TOO_FEW'))).toMatchObject({
    code: 'DATA_TOO_FEW',
  })
  await expect(whyNotTrainable(validation, asked, refusing('PYTHON_PACKAGES'))).rejects.toThrow('no')
})
