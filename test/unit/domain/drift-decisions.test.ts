import { describe, expect, test } from 'vitest'
import { simulatedDrift } from '../../../src/domain/drift/drift-simulation.js'
import { decideRetraining } from '../../../src/domain/drift/retrain-policy.js'
import type { Validation } from '../../../src/domain/table/dataset.js'
import { requireJudgeable } from '../../../src/domain/table/judgeable-table.js'
import { TELCO_SCHEMA } from '../../../src/domain/table/telco-schema.js'

describe('the decision to retrain', () => {
  const facts = { verdict: 'drift', reason: 'Three drifted.', labelled: true, sameData: false } as const

  test('is yes on drift with new labelled rows', () => {
    expect(decideRetraining(facts)).toEqual({ retrain: true, reasons: ['Three drifted.'] })
  })

  test.each([
    [{ verdict: 'healthy' } as const, 1],
    [{ verdict: 'not-enough-data' } as const, 1],
    [{ labelled: false }, 2],
    [{ sameData: true }, 2],
  ])('is no with %o, and says why', (change, reasons) => {
    const decision = decideRetraining({ ...facts, ...change })
    expect(decision.retrain).toBe(false)
    expect(decision.reasons).toHaveLength(reasons)
  })
})

describe('simulated drift', () => {
  test("is the documents': tenure 0 to 9, MonthlyCharges half as much again", () => {
    expect(simulatedDrift(TELCO_SCHEMA)).toEqual([
      { kind: 'random-integers', column: 'tenure', from: 0, to: 9 },
      { kind: 'scale', column: 'MonthlyCharges', factor: 1.5 },
    ])
  })

  test('is refused for a table without these columns, naming the missing one', () => {
    const features = TELCO_SCHEMA.features.filter((column) => column.name !== 'tenure')
    expect(() => simulatedDrift({ ...TELCO_SCHEMA, features })).toThrow(
      expect.objectContaining({ code: 'USAGE', details: { missing: ['tenure'] } }),
    )
  })
})

describe('a table to judge', () => {
  const good: Validation = {
    dataset: { path: '/data/window.csv', sha256: '0'.repeat(64), rows: 10 },
    valid: 10,
    invalid: 0,
    problems: [],
    headerValid: true,
    invalidRecords: [],
    header: [],
    notes: [],
    quarantine: null,
    classes: {},
    repeats: { ids: 0, rows: 0, doubles: 0, exact: true },
  }
  const problem = { line: 3, column: 'tenure', value: 'x', message: 'is not a number' }

  test('passes without labels, and with as many invalid rows as are allowed', () => {
    expect(() => requireJudgeable(good, 0)).not.toThrow()
    expect(() => requireJudgeable({ ...good, valid: 8, invalid: 2, problems: [problem] }, 2)).not.toThrow()
  })

  test.each([
    ['DATA_INVALID', { valid: 9, invalid: 1, problems: [problem] }],
    ['DATA_HEADER', { headerValid: false, problems: [{ ...problem, column: null }] }],
    ['DATA_EMPTY', { valid: 0 }],
  ])('is refused with %s', (code, change) => {
    expect(() => requireJudgeable({ ...good, ...change }, 0)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining('Nothing was judged.') }),
    )
  })
})
