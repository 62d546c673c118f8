import { type NotWorsePower, notWorsePower } from './not-worse-power.js'
import type { PolicyRules } from './policy.js'

/** Two versions on rows that neither trained on. */
export interface PairedComparison {
  rows: number
  churners: number
  /** Customers whose rows these are, and those of them with a churned row: what the bootstrap draws. */
  customers: number
  churnedCustomers: number
  /** Rows that were left out because one of the two trained on them or has no answer to them. */
  dropped: number
  /** Names the set of compared rows. */
  rowsSha256: string
  /** Null when the rows have one class only or are none. */
  comparison: {
    baseline: number
    candidate: number
    difference: number
    /** Lower bound of the one-sided interval. */
    low: number
    /** The two-sided 95 % interval. */
    interval: [number, number]
    /** Of the difference, by the same draws. */
    standardError: number
  } | null
}

export type GateOutcome = 'better' | 'not-worse' | 'tie' | 'worse' | 'refused' | 'not-enough-data'

/** What a look at a challenger came to; it goes into tags, journal and card. */
export interface GateEvidence {
  outcome: GateOutcome
  gate: 'superior' | 'not-worse'
  metric: string
  /** What the lower end had to be over. */
  margin: number
  champion: { version: string; score: number | null }
  challenger: { version: string; score: number | null }
  difference: number | null
  /** Lower end of the one-sided interval of the difference. */
  low: number | null
  /** Two-sided 95 % interval of the difference. */
  interval: [number, number] | null
  /** The smallest difference that these rows could have shown. */
  smallestVisible: number | null
  rows: number
  churners: number
  /** As in `PairedComparison`; null in looks of older releases, which counted rows. */
  customers: number | null
  churnedCustomers: number | null
  /** What the rows could have told, for the gate `not-worse`; null else. */
  power: NotWorsePower | null
  dropped: number
  rowsSha256: string
  /** `held-out`, or the path of the fresh rows. */
  source: string
}

/** The gate's answer. */
export interface GateResult extends GateEvidence {
  promotes: boolean
  reason: string
}

/** Decides whether a challenger replaces the champion; noise alone must not. */
export function decideGate(
  compared: PairedComparison,
  pair: { champion: string; challenger: string; source: string },
  rules: PolicyRules,
): GateResult {
  const { comparison, rows, churners, customers, churnedCustomers, dropped, rowsSha256 } = compared
  const margin = rules.gate === 'superior' ? rules.margin : -rules.tolerance
  const facts = {
    gate: rules.gate,
    metric: rules.metric,
    margin,
    champion: { version: pair.champion, score: comparison?.baseline ?? null },
    challenger: { version: pair.challenger, score: comparison?.candidate ?? null },
    difference: comparison?.difference ?? null,
    low: comparison?.low ?? null,
    interval: comparison?.interval ?? null,
    smallestVisible: comparison === null ? null : comparison.difference - comparison.low + margin,
    rows,
    churners,
    customers,
    churnedCustomers,
    power: powerOf(compared, rules),
    dropped,
    rowsSha256,
    source: pair.source,
  }
  if (comparison === null || churnedCustomers < rules.minChurners) {
    const reason = `not enough data: ${churnersOf(facts)} in ${rows} rows that neither version was trained on${rules.gate === 'not-worse' ? ' and the champion has not seen' : ''}; ${rules.minChurners} are needed (${dropped} rows dropped); the champion stays`
    return { ...facts, outcome: 'not-enough-data', promotes: false, reason }
  }
  const promotes = comparison.low > margin
  const outcome = outcomeOf(promotes, comparison.interval, facts)
  return { ...facts, outcome, promotes, reason: reasonOf(outcome, facts, comparison, rules) }
}

function powerOf(
  { comparison, churnedCustomers }: PairedComparison,
  { gate, tolerance }: PolicyRules,
): NotWorsePower | null {
  if (comparison === null || gate === 'superior' || tolerance === 0) return null
  return notWorsePower(comparison, churnedCustomers, tolerance)
}

function outcomeOf(
  promotes: boolean,
  interval: [number, number],
  { gate, power }: Pick<GateEvidence, 'gate' | 'power'>,
): GateOutcome {
  const isWorse = interval[1] < 0
  if (gate === 'superior') return promotes ? 'better' : isWorse ? 'worse' : 'tie'
  if (promotes) return 'not-worse'
  // To refuse what an equal model would have met as well is no answer.
  return power === null || power.isEnough || isWorse ? 'refused' : 'not-enough-data'
}

function reasonOf(
  outcome: GateOutcome,
  facts: Omit<GateEvidence, 'outcome'>,
  comparison: NonNullable<PairedComparison['comparison']>,
  rules: PolicyRules,
): string {
  const { champion, challenger, margin, rows, dropped } = facts
  const scores = `${rules.metric} ${comparison.candidate.toFixed(4)} of version ${challenger.version} against ${comparison.baseline.toFixed(4)} of version ${champion.version}`
  const interval = `difference ${signed(comparison.difference)}, one-sided ${percent(rules.confidence)} interval from ${signed(comparison.low)}`
  const on = `on ${rows} rows with ${churnersOf(facts)} (${dropped} dropped)`
  const ending: Record<GateOutcome, string> = {
    better: `over the margin ${margin}`,
    'not-worse': `over ${signed(margin)}, so not worse`,
    tie: 'tie: champion stays',
    worse: 'worse: champion stays',
    refused: `not over ${signed(margin)}: champion stays`,
    'not-enough-data': `not enough data: ${powerText(facts.power)}; the champion stays`,
  }
  return `${scores} ${on}: ${interval}; ${ending[outcome]}`
}

function powerText(power: NotWorsePower | null): string {
  if (power === null) return ''
  const { equalPasses, neededChurners, tolerance } = power
  return `an equal model would pass with ${percent(equalPasses)} probability; 80 % needs ${neededChurners} churned customers or a tolerance of ${tolerance.toFixed(4)}`
}

// Rows and customers are one number where nobody has several rows.
function churnersOf({
  churners,
  churnedCustomers,
}: Pick<GateEvidence, 'churners' | 'churnedCustomers'>): string {
  const isSame = churnedCustomers === null || churnedCustomers === churners
  return isSame ? `${churners} churners` : `${churnedCustomers} churned customers (${churners} rows)`
}

/** A number with its sign, four decimals. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}
