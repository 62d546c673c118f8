import { csvCell } from '../table/csv-cell.js'
import type { LoggedRow } from './logged-row.js'

const OWN = ['time', 'requestId', 'customer', 'probability', 'label', 'version', 'source'] as const

/** The first line of a table of logged rows; the features go by the columns of the first row. */
export function loggedRowHeader(features: readonly string[]): string {
  return [...OWN, ...features].map(csvCell).join(',')
}

/** One logged row as a line of that table, without its end. */
export function loggedRowCsv(row: LoggedRow, features: readonly string[]): string {
  const cells = [...OWN.map((name) => row[name]), ...features.map((name) => row.features[name])]
  return cells.map((value) => csvCell(value === null || value === undefined ? '' : String(value))).join(',')
}
