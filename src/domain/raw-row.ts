import { isBlank, parseNumber, trimBlanks } from './cell.js'
import type { Layout } from './header-check.js'
import type { TableSchema } from './schema.js'

/** The features of one customer as the served model takes them: numbers, texts, null where missing. */
export type FeatureRow = Record<string, number | string | null>

/** Types the fields of a row that the row check accepted, as training does; features only, in schema order. */
export function toFeatureRow(fields: readonly string[], layout: Layout, schema: TableSchema): FeatureRow {
  const row: FeatureRow = {}
  schema.features.forEach((column, at) => {
    if (column.sensitive === true) return
    const text = fields[layout.features[at] ?? -1] ?? ''
    if (isBlank(text)) row[column.name] = null
    else row[column.name] = column.kind === 'number' ? parseNumber(text) : trimBlanks(text)
  })
  return row
}

/** The customer id of a row; null when the table or the row has none. */
export function idOf(fields: readonly string[], layout: Layout): string | null {
  const text = fields[layout.id] ?? ''
  return isBlank(text) ? null : text
}
