import { describe, expect, it } from 'vitest'
import {
  judgeSkill,
  type SkillFacts,
  skillWarnings,
  smallestVisibleAuc,
} from '../../../../src/domain/promotion/skill.js'
import { skilled, skillless } from '../../../helpers/skill.js'

const outcome = (facts: Partial<SkillFacts>): string => judgeSkill({ ...skilled, ...facts }).outcome

describe('the skill of a version', () => {
  it('needs an F1 over that of flagging everybody and an AUC over chance, both beyond chance', () => {
    expect(outcome({})).toBe('skill')
    expect(outcome({ gainLow: 0 })).toBe('no-skill')
    expect(outcome({ aucLow: 0.5 })).toBe('no-skill')
    expect(judgeSkill(skillless).reason).toBe(
      'no skill on 373 churned customers of 1409: F1 0.4200 is not over the 0.4200 of flagging everyone by more than chance (lower bound of the difference 0.0000); AUC 0.510 (95 % interval 0.470 to 0.550)',
    )
  })

  it("needs one sign alone under the documents' rule", () => {
    const any = (facts: Partial<SkillFacts>): string => judgeSkill({ ...skilled, ...facts }, 'any').outcome
    expect(any({ gainLow: 0 })).toBe('skill')
    expect(any({ aucLow: 0.4 })).toBe('skill')
    expect(any({ gainLow: 0, aucLow: 0.5 })).toBe('no-skill')
    expect(any({ gainLow: 0, aucLow: 0.2, churnedCustomers: 3, stayedCustomers: 300 })).toBe(
      'not-enough-data',
    )
  })

  it('is judged by the order alone when the threshold was not chosen for F1', () => {
    for (const thresholdRule of ['capacity', 'cost']) {
      expect(outcome({ gainLow: -0.1, thresholdRule })).toBe('skill')
      expect(outcome({ gainLow: -0.1, aucLow: 0.49, thresholdRule })).toBe('no-skill')
    }
    for (const thresholdRule of ['0.5', null])
      expect(outcome({ gainLow: -0.1, thresholdRule })).toBe('no-skill')
  })

  it('is not denied on rows that could not have shown it', () => {
    const few = { churnedCustomers: 3, stayedCustomers: 300, customers: 303 }
    expect(outcome({ ...few, gainLow: -0.02, aucLow: 0.2 })).toBe('not-enough-data')
    expect(outcome({ ...few })).toBe('skill')
    const none = { churnedCustomers: 0, auc: null, aucLow: null, aucHigh: null, gainLow: 0 }
    expect(outcome(none)).toBe('not-enough-data')
  })

  it('knows the AUC that a number of customers can tell from chance', () => {
    const visible = (churnedCustomers: number, stayedCustomers: number): number =>
      smallestVisibleAuc({ ...skilled, churnedCustomers, stayedCustomers })
    expect(visible(17, 2000)).toBeCloseTo(0.697, 2)
    expect(visible(373, 1036)).toBeCloseTo(0.549, 2)
    expect(visible(0, 10)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('what a training says of skill', () => {
  const good = {
    metrics: { f1_score: 0.6, f1_flag_all: 0.4, f1_gain_low: 0.1, roc_auc: 0.8, roc_auc_low: 0.7 },
  }
  const bad = { metrics: { ...good.metrics, f1_gain_low: 0, roc_auc_low: 0.4 } }

  it('is nothing when all candidates have some', () => {
    expect(skillWarnings([good, good], good, 'f1')).toEqual([])
    expect(skillWarnings([{ metrics: { f1_score: 0.6 } }], good, 'f1')).toEqual([])
  })

  it('names the best one when it has none, and counts the others', () => {
    expect(skillWarnings([bad, good, bad], bad, 'f1')).toEqual([
      expect.stringMatching(/^The best candidate shows no skill: F1 0\.600 .*2 of 3 candidates/),
    ])
    expect(skillWarnings([bad, good], good, 'f1')).toEqual([
      '1 of 2 candidates show no skill on the test rows; the best one does.',
    ])
  })

  it('looks at the order alone for thresholds of capacity and cost', () => {
    const ranked = { metrics: { ...bad.metrics, roc_auc_low: 0.7 } }
    expect(skillWarnings([ranked], ranked, 'capacity')).toEqual([])
    expect(skillWarnings([ranked], ranked, '0.5')).toHaveLength(1)
  })
})
