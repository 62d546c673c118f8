import type { SkillFacts } from '../../src/domain/promotion/skill.js'

/** A version that tells churners from others, on the size of the bundled table's test rows. */
export const skilled: SkillFacts = {
  rows: 1409,
  churners: 373,
  customers: 1409,
  churnedCustomers: 373,
  stayedCustomers: 1036,
  f1: 0.64,
  f1FlagAll: 0.42,
  gain: 0.22,
  gainLow: 0.19,
  auc: 0.84,
  aucLow: 0.82,
  aucHigh: 0.86,
  thresholdRule: 'f1',
}

/** A version that flags everybody, on the same rows. */
export const skillless: SkillFacts = {
  ...skilled,
  f1: 0.42,
  gain: 0,
  gainLow: 0,
  auc: 0.51,
  aucLow: 0.47,
  aucHigh: 0.55,
}
