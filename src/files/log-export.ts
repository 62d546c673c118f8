import { resolve } from 'node:path'
import { loggedRowCsv, loggedRowHeader } from '../domain/serving/logged-row-csv.js'
import type { LogExport } from '../usecases/ports/request-log.js'
import { openDraft } from './draft.js'

/** Opens a file for rows of the request log: a flat table for a name that ends in `.csv`, else JSON lines as in the log. */
export function openLogExport(path: string): LogExport {
  const target = resolve(path)
  const draft = openDraft(target)
  const isCsv = target.toLowerCase().endsWith('.csv')
  let features: string[] | null = null
  return {
    write(rows) {
      const [first] = rows
      if (isCsv && features === null && first !== undefined) {
        features = Object.keys(first.features)
        draft.write(`${loggedRowHeader(features)}\n`)
      }
      const lines = rows.map((row) => (isCsv ? loggedRowCsv(row, features ?? []) : JSON.stringify(row)))
      draft.write(lines.map((line) => `${line}\n`).join(''))
    },
    commit() {
      draft.commit()
      return target
    },
    discard: () => draft.discard(),
  }
}
