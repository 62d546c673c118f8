import type { RawRow } from '../../domain/serving/prediction.js'
import type { Validation } from '../../domain/table/dataset.js'
import { idOf, toRawRow } from '../../domain/table/raw-row.js'
import type { TableSchema } from '../../domain/table/schema.js'
import type { Quarantine } from '../ports/tables.js'
import { scanTable } from './scan-table.js'

/** A customer to score. */
export interface RawCustomer {
  /** 0-based among all data records, valid and invalid. */
  ordinal: number
  /** 1-based line where the row starts. */
  line: number
  /** Null when the table or the row has no id. */
  id: string | null
  /** In the order of `modelColumns`: numbers, texts, null where blank. */
  values: RawRow
}

/**
 * Streams the typed rows of a table to be scored; a promise of `onRow` holds the reading back. Labels are not looked at.
 *
 * @returns the same findings as `validateTable`; a header that does not fit gives no row and `headerValid` false.
 * @throws ChurnOpsError as `validateTable`.
 */
export async function readRawRows(
  input: { path: string; schema: TableSchema },
  ports: { quarantine: Quarantine },
  onRow: (row: RawCustomer) => Promise<void> | void,
): Promise<Validation> {
  return scanTable({ ...input, targetUse: 'ignored' }, ports, {
    onRow: ({ ordinal, line, fields, layout }) =>
      onRow({
        ordinal,
        line,
        id: idOf(fields, layout),
        values: toRawRow(fields, layout, input.schema),
      }),
  })
}
