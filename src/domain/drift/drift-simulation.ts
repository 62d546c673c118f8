import { ChurnOpsError } from '../../errors.js'
import type { TableSchema } from '../table/schema.js'

/** One alteration of a column of the window; both ends of a range are included. */
export type ColumnChange =
  | { kind: 'random-integers'; column: string; from: number; to: number }
  | { kind: 'scale'; column: string; factor: number }

/** The documents' simulated drift: newer customers who pay half as much again. */
const DOCUMENTS_DRIFT: readonly ColumnChange[] = [
  { kind: 'random-integers', column: 'tenure', from: 0, to: 9 },
  { kind: 'scale', column: 'MonthlyCharges', factor: 1.5 },
]

/**
 * The alterations of `--simulate-drift` for a table.
 *
 * @throws ChurnOpsError `USAGE` when the table has no such number columns.
 */
export function simulatedDrift(schema: TableSchema): ColumnChange[] {
  const numbers = schema.features.filter((column) => column.kind === 'number').map((column) => column.name)
  const missing = DOCUMENTS_DRIFT.map((change) => change.column).filter((name) => !numbers.includes(name))
  if (missing.length === 0) return [...DOCUMENTS_DRIFT]
  throw new ChurnOpsError('USAGE', {
    message: `--simulate-drift changes tenure and MonthlyCharges; the schema has no number column ${missing.join(' and ')}. Nothing was judged.`,
    hint: 'Omit --simulate-drift and give drifted rows with --data instead.',
    details: { missing },
  })
}
