import type { RawRow } from '../serving/prediction.js'
import { isBlank, parseNumber, trimBlanks } from './cell.js'
import type { Layout } from './header-check.js'
import type { TableSchema } from './schema.js'

/** Types the fields of a row that the row check accepted, as training does: in the order of `modelColumns`, null where missing. */
export function toRawRow(fields: readonly string[], layout: Layout, schema: TableSchema): RawRow {
  return schema.features.flatMap((column, at) => {
    if (column.sensitive === true) return []
    const text = fields[layout.features[at] ?? -1] ?? ''
    if (isBlank(text)) return [null]
    return [column.kind === 'number' ? parseNumber(text) : trimBlanks(text)]
  })
}

/** The customer id of a row; null when the table or the row has none. */
export function idOf(fields: readonly string[], layout: Layout): string | null {
  const text = fields[layout.id] ?? ''
  return isBlank(text) ? null : trimBlanks(text)
}
