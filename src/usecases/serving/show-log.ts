import type { LoggedRow } from '../../domain/serving/logged-row.js'
import { ChurnOpsError } from '../../errors.js'
import type { LogExport, RequestLogReader } from '../ports/request-log.js'

/** What `log` is asked to show. */
export interface ShowLogRequest {
  /** How many of the last rows the outcome holds. */
  limit: unknown
  /** Rows of this source alone; null for all. */
  source: string | null
  /** Rows from this moment on; null for all. */
  since: Date | null
}

/** What the request log holds. */
export interface ShownLog {
  /** The last rows, the newest at the end. */
  rows: LoggedRow[]
  /** Rows that were asked for, shown or not. */
  total: number
  /** Lines that are no rows, such as one that a crash tore. */
  unreadable: number
  folder: string
  /** Absolute path of the export; null without one. */
  path: string | null
}

/**
 * Reads the request log, and writes the rows that were asked for into a file.
 *
 * @throws ChurnOpsError `USAGE` for a limit that is no number.
 */
export async function showLog(
  request: ShowLogRequest,
  reader: RequestLogReader,
  output: LogExport | null,
): Promise<ShownLog> {
  const limit = rowLimit(request.limit)
  const since = request.since?.toISOString() ?? ''
  const rows: LoggedRow[] = []
  let total = 0
  let unreadable = 0
  for await (const row of reader.read()) {
    if (row === null) {
      unreadable += 1
      continue
    }
    if (row.time < since || (request.source !== null && row.source !== request.source)) continue
    total += 1
    output?.write([row])
    rows.push(row)
    if (rows.length > limit) rows.shift()
  }
  return { rows, total, unreadable, folder: reader.folder, path: output?.commit() ?? null }
}

function rowLimit(written: unknown): number {
  if (typeof written === 'number' && Number.isInteger(written) && written >= 0) return written
  throw new ChurnOpsError('USAGE', {
    message: '--limit is not a number of rows.',
    hint: 'Give a whole number, such as --limit 100.',
    details: { limit: String(written) },
  })
}
