import { EXIT, type ExitCode } from '../../errors.js'
import type { ColumnScore, DriftColumn, DriftLimits, Verdict } from './drift-report.js'

/** What the limits make of the columns' scores. */
export interface DriftVerdict {
  verdict: Verdict
  columns: DriftColumn[]
  driftedCount: number
  /** Drifted columns among those that could be judged, 0 to 1; null when none could. */
  driftedShare: number | null
  /** One sentence for people. */
  reason: string
}

/** The documents' rule with named methods: normed Wasserstein for numbers, Jensen-Shannon for categories. */
export function documentsLimits(monitor: {
  share: number
  count: number
  columnThreshold: number
}): DriftLimits {
  return {
    share: monitor.share,
    count: monitor.count,
    numberMethod: 'wasserstein',
    categoryMethod: 'jensenshannon',
    columnThreshold: monitor.columnThreshold,
  }
}

/**
 * Under the documents' limits chance alone makes an alarm of 99 % of clean windows of 30 rows, 39 % of 100 rows and 6 % of
 * 200 rows (300 windows of the Telco table each).
 */
export const MINIMUM_ROWS = 200

/** The verdict on a window too small to judge, or null when it has rows enough. */
export function tooFewRows(rows: number, minimum: number = MINIMUM_ROWS): DriftVerdict | null {
  if (rows >= minimum) return null
  return {
    verdict: 'not-enough-data',
    columns: [],
    driftedCount: 0,
    driftedShare: null,
    reason: `${rows} rows are too few: below ${minimum}, chance alone looks like drift.`,
  }
}

/** Drift when more than the limits allow have drifted; columns that could not be compared do not count. */
export function judgeDrift(scores: readonly ColumnScore[], limits: DriftLimits): DriftVerdict {
  const columns = scores.map((column) => judgeColumn(column, limits.columnThreshold))
  const judged = columns.filter((column) => column.score !== null)
  if (judged.length === 0) {
    return {
      verdict: 'not-enough-data',
      columns,
      driftedCount: 0,
      driftedShare: null,
      reason: 'No column could be judged.',
    }
  }
  const driftedCount = judged.filter((column) => column.drifted).length
  const driftedShare = driftedCount / judged.length
  const verdict = driftedCount > limits.count || driftedShare > limits.share ? 'drift' : 'healthy'
  return {
    verdict,
    columns,
    driftedCount,
    driftedShare,
    reason: `${driftedCount} of ${judged.length} columns drifted; the limits are ${limits.count} columns and ${percent(limits.share)}.`,
  }
}

function judgeColumn({ name, method, score }: ColumnScore, threshold: number): DriftColumn {
  return { name, method, score, threshold, drifted: score !== null && score >= threshold }
}

/** Exit code of a monitoring run; a retraining that put a better model live answers the alarm. */
export function exitOfVerdict(verdict: Verdict, betterModelLive: boolean): ExitCode {
  if (verdict === 'not-enough-data') return EXIT.notEnoughData
  return verdict === 'healthy' || betterModelLive ? EXIT.done : EXIT.no
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
