/** What a version's answers to rows that it did not learn from tell of it; intervals draw customers, not rows. */
export interface SkillFacts {
  rows: number
  churners: number
  customers: number
  /** Customers with a row that churned, and with one that did not. */
  churnedCustomers: number
  stayedCustomers: number
  f1: number
  /** F1 of flagging everybody. */
  f1FlagAll: number
  /** `f1` less `f1FlagAll`, and the lower end of its one-sided 95 % interval, paired by customer. */
  gain: number
  gainLow: number
  /** Null when the rows have one class only. */
  auc: number | null
  /** 95 % interval, Wilson-type. */
  aucLow: number | null
  aucHigh: number | null
  /** How its threshold was chosen; null when that is not known. */
  thresholdRule: string | null
}

/** A candidate of a training: its metrics under MLflow's names. */
export interface Measured {
  metrics: Readonly<Record<string, number | null>>
}

/** What the rows say: it has skill, it shows none, or they could not have shown any. */
export type SkillOutcome = 'skill' | 'no-skill' | 'not-enough-data'

/** An AUC that any useful model of churn reaches. */
const MIDDLING_AUC = 0.7
/** Two-sided 95 %, and power 80 %. */
const VISIBLE = 1.96 + 0.8416

/**
 * Judges whether a version tells churners from others at all.
 *
 * @param signs what must be beyond chance: both F1 over flagging everybody and AUC over 0.5, or any of the two
 */
export function judgeSkill(
  facts: SkillFacts,
  signs: 'both' | 'any' = 'both',
): { outcome: SkillOutcome; reason: string } {
  const { churnedCustomers, customers, f1, f1FlagAll, gainLow, auc, aucLow, aucHigh } = facts
  const isOverEverybody = !countsF1(facts.thresholdRule) || gainLow > 0
  const order =
    auc === null || aucLow === null || aucHigh === null
      ? 'one class only'
      : `AUC ${auc.toFixed(3)} (95 % interval ${aucLow.toFixed(3)} to ${aucHigh.toFixed(3)})`
  const on = `on ${churnedCustomers} churned customers of ${customers}`
  const isOverChance = aucLow !== null && aucLow > 0.5
  if (signs === 'both' ? isOverEverybody && isOverChance : isOverChance || gainLow > 0)
    return { outcome: 'skill', reason: `${order} ${on}` }
  if (smallestVisibleAuc(facts) > MIDDLING_AUC) {
    const reason = `not enough data: ${churnedCustomers} churned customers among ${customers} cannot tell an AUC of ${MIDDLING_AUC} from chance`
    return { outcome: 'not-enough-data', reason }
  }
  const gain = isOverEverybody
    ? ''
    : `F1 ${f1.toFixed(4)} is not over the ${f1FlagAll.toFixed(4)} of flagging everyone by more than chance (lower bound of the difference ${gainLow.toFixed(4)}); `
  return { outcome: 'no-skill', reason: `no skill ${on}: ${gain}${order}` }
}

/** The AUC that these customers tell from 0.5 with a power of 80 %; over 1 for none or very few. */
export function smallestVisibleAuc({ churnedCustomers, stayedCustomers }: SkillFacts): number {
  const pairs = churnedCustomers * stayedCustomers
  if (pairs === 0) return Number.POSITIVE_INFINITY
  return 0.5 + VISIBLE * Math.sqrt((churnedCustomers + stayedCustomers + 1) / (12 * pairs))
}

/**
 * What a training says of the skill of its candidates, by their metrics on the test rows; candidates of older releases,
 * whose metrics do not tell, count as skilled.
 */
export function skillWarnings(
  candidates: readonly Measured[],
  best: Measured,
  thresholdKind: string,
): string[] {
  const without = candidates.filter(({ metrics }) => !showsSkill(metrics, thresholdKind)).length
  if (without === 0) return []
  const count = `${without} of ${candidates.length} candidates show no skill on the test rows`
  if (showsSkill(best.metrics, thresholdKind)) return [`${count}; the best one does.`]
  const { f1_score, f1_flag_all, roc_auc, roc_auc_low, roc_auc_high } = best.metrics
  const number = (value: number | null | undefined): string => value?.toFixed(3) ?? 'none'
  return [
    `The best candidate shows no skill: F1 ${number(f1_score)} on the test rows, ${number(f1_flag_all)} by flagging everyone; AUC ${number(roc_auc)} (95 % interval ${number(roc_auc_low)} to ${number(roc_auc_high)}). ${count}; \`churn-ops promote\` refuses them.`,
  ]
}

/** Under the rules of capacity and cost the threshold is not chosen for F1, so F1 says nothing of the model. */
function countsF1(thresholdKind: string | null): boolean {
  return thresholdKind !== 'capacity' && thresholdKind !== 'cost'
}

function showsSkill(metrics: Measured['metrics'], thresholdKind: string): boolean {
  if (countsF1(thresholdKind) && isAtMost(metrics.f1_gain_low, 0)) return false
  return !isAtMost(metrics.roc_auc_low, 0.5)
}

function isAtMost(value: number | null | undefined, limit: number): boolean {
  return value !== null && value !== undefined && value <= limit
}
