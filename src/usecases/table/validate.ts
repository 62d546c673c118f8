import type { OnProgress } from '../../domain/progress.js'
import type { Validation } from '../../domain/table/dataset.js'
import type { TableSchema } from '../../domain/table/schema.js'
import { trainingRefusal } from '../../domain/table/trainable-table.js'
import type { Quarantine } from '../ports/tables.js'
import { type ScanListener, scanTable } from './scan-table.js'

/** Megabytes of a file that is worth a progress bar; smaller ones are read before it is seen. */
const BAR_FROM_BYTES = 5_000_000

/**
 * Streams a table against its schema. Findings, also about the header, are the result; they are no error.
 *
 * @param input `path` is absolute, `source` and `besides` are those of an opened table; without `targetRequired` the target column or single labels may be missing.
 * @param onRow is given every valid row.
 * @throws ChurnOpsError `DATA_UNREADABLE`, `DATA_ENCODING`, `DATA_EMPTY`, `DATA_INVALID` for broken quotes, `NOT_WRITABLE`
 * or `DISK_FULL` when invalid rows have no place to go.
 */
export async function validateTable(
  input: { path: string; schema: TableSchema; targetRequired: boolean; source?: string; besides?: string },
  ports: { quarantine: Quarantine; onProgress: OnProgress },
  onRow: ScanListener['onRow'] = undefined,
): Promise<Validation> {
  const { targetRequired, ...table } = input
  const targetUse = targetRequired ? 'required' : 'optional'
  return scanTable({ ...table, targetUse, countRepeats: true }, ports, {
    ...(onRow === undefined ? {} : { onRow }),
    onRead: ({ bytesRead, bytesTotal }, rows) => {
      if (bytesTotal < BAR_FROM_BYTES) return
      const done = Math.floor((bytesRead / bytesTotal) * 100)
      ports.onProgress({ phase: 'check', done, total: 100, text: `% of the table, ${rows} rows` })
    },
  })
}

/**
 * Lets only a table pass that can be trained on.
 *
 * @throws ChurnOpsError as `trainingRefusal` makes it.
 */
export function requireTrainable(
  validation: Validation,
  maxInvalid: number,
  folds: number | null = null,
): void {
  const refusal = trainingRefusal(validation, { maxInvalid, folds })
  if (refusal !== null) throw refusal
}
