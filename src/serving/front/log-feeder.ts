import type { LoggedRow } from '../../domain/serving/logged-row.js'
import type { KnownColumn } from '../../domain/serving/model-fit.js'
import type { FeatureValue } from '../../domain/serving/prediction.js'
import type { RequestLog } from '../../usecases/ports/front.js'
import type { ActiveVersion } from './active-version.js'
import type { ScoredRows } from './score-rows.js'

/** Rows of one turn of the event loop: a large batch must not hold up the answers of others. */
const ROWS_A_TURN = 250

/** Who asked for the rows of a request. */
export interface AskedBy {
  customers: readonly (string | null)[]
  requestId: string
  source: string
}

/** Hands scored rows to the log after their answer has gone out. */
export interface LogFeeder {
  feed(active: ActiveVersion, scored: ScoredRows, askedBy: AskedBy): void
  /** Resolves when all rows have been handed over. */
  empty(): Promise<void>
}

/** Makes the feeder of a log. */
export function createLogFeeder(log: RequestLog): LogFeeder {
  const waiting: { line(at: number): LoggedRow; next: number; rows: number }[] = []
  let emptied: (() => void)[] = []
  const turn = (): void => {
    const [first] = waiting
    if (first === undefined) {
      for (const tell of emptied) tell()
      emptied = []
      return
    }
    const end = Math.min(first.next + ROWS_A_TURN, first.rows)
    const lines: LoggedRow[] = []
    while (first.next < end) lines.push(first.line(first.next++))
    if (end === first.rows) waiting.shift()
    log.append(lines)
    setImmediate(turn)
  }
  return {
    feed(active, scored, askedBy) {
      const { rows } = scored
      if (rows.length === 0) return
      const line = lineMaker(active, scored, askedBy)
      if (waiting.push({ line, next: 0, rows: rows.length }) === 1) setImmediate(turn)
    },
    empty: () =>
      waiting.length === 0 ? Promise.resolve() : new Promise((resolve) => void emptied.push(resolve)),
  }
}

function lineMaker(
  { served, columns }: ActiveVersion,
  { rows, scored }: ScoredRows,
  { customers, requestId, source }: AskedBy,
): (at: number) => LoggedRow {
  const time = new Date().toISOString()
  const { version } = served
  return (at) => {
    const { label = 0, probability = null } = scored[at] ?? {}
    const features = featuresOf(columns, rows[at] ?? [])
    return { time, requestId, customer: customers[at] ?? null, features, probability, label, version, source }
  }
}

function featuresOf(
  columns: readonly KnownColumn[],
  row: readonly FeatureValue[],
): Record<string, FeatureValue> {
  const features: Record<string, FeatureValue> = {}
  for (let place = 0; place < columns.length; place++) {
    const name = columns[place]?.name ?? ''
    const value = row[place] ?? null
    // That name would be taken for the prototype.
    if (name === '__proto__') Object.defineProperty(features, name, { value, enumerable: true })
    else features[name] = value
  }
  return features
}
