import type { AskedRows } from '../../domain/serving/invocation.js'
import { REQUEST_SOURCE, ROW_SOURCE } from '../../domain/serving/logged-row.js'
import type { FeatureValue, Scored } from '../../domain/serving/prediction.js'
import { checkRows } from '../../domain/serving/value-check.js'
import { ChurnOpsError } from '../../errors.js'
import type { FrontLimits } from '../../usecases/ports/front.js'
import type { ActiveVersion } from './active-version.js'
import type { FrontMetrics } from './metrics.js'
import { RequestFault, rowFault, unavailable } from './request-fault.js'

/** A request's rows, checked and scored. */
export interface ScoredRows {
  rows: FeatureValue[][]
  scored: readonly Scored[]
}

/**
 * Checks the rows of a request against the version's columns and scores them.
 *
 * @throws RequestFault with row and column, or when the engine does not answer.
 */
export async function scoreRows(
  active: ActiveVersion,
  asked: AskedRows,
  { limits, metrics }: { limits: FrontLimits; metrics: FrontMetrics },
): Promise<ScoredRows> {
  const { version, engine } = active.served
  if (asked.rows.length > limits.rows) {
    const message = `A request may hold ${limits.rows} rows; send them in several.`
    throw new RequestFault(413, 'REQUEST_LIMIT_EXCEEDED', message)
  }
  const checked = checkRows(active.columns, asked.rows)
  if (!checked.ok) throw rowFault(checked.problems)
  if (checked.rows.length === 0) return { rows: [], scored: [] }
  const begun = performance.now()
  try {
    const scored = await within(engine.score(checked.rows), limits.answerMs)
    metrics.phase('predict', version, (performance.now() - begun) / 1000)
    metrics.inferred('success', version, checked.rows.length)
    return { rows: checked.rows, scored }
  } catch (error) {
    metrics.inferred('failure', version, checked.rows.length)
    throw engineFault(error)
  }
}

/** The source that a request names for its rows. */
export function sourceOf(header: unknown): string {
  if (header === undefined) return REQUEST_SOURCE
  if (typeof header === 'string' && ROW_SOURCE.test(header)) return header
  throw new RequestFault(
    400,
    'BAD_REQUEST',
    'X-Churn-Ops-Source is a word of small letters, digits and dashes, at most 32.',
  )
}

function engineFault(error: unknown): unknown {
  if (!(error instanceof ChurnOpsError)) return error
  if (error.code === 'ENDPOINT_REFUSED')
    return new RequestFault(400, 'BAD_REQUEST', 'The model refuses the rows.')
  return unavailable('The engine does not answer just now.')
}

async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable('The rows could not be scored in time.', 5)), limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
