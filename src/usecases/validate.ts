import { printable } from '../domain/cell.js'
import { placeName, tableName, type Validation } from '../domain/dataset.js'
import type { TableSchema } from '../domain/schema.js'
import { ChurnOpsError } from '../errors.js'
import type { OnProgress, Quarantine } from './ports.js'
import { scanTable } from './scan-table.js'

/** Megabytes of a file that is worth a progress bar; smaller ones are read before it is seen. */
const BAR_FROM_BYTES = 5_000_000

/**
 * Streams a table against its schema. Findings, also about the header, are the result; they are no error.
 *
 * @param input `path` is absolute, `source` and `besides` are those of an opened table; without `targetRequired` the target column or single labels may be missing.
 * @throws ChurnOpsError `DATA_UNREADABLE`, `DATA_ENCODING`, `DATA_EMPTY`, `DATA_INVALID` for broken quotes, `NOT_WRITABLE`
 * or `DISK_FULL` when invalid rows have no place to go.
 */
export async function validateTable(
  input: { path: string; schema: TableSchema; targetRequired: boolean; source?: string; besides?: string },
  ports: { quarantine: Quarantine; onProgress: OnProgress },
): Promise<Validation> {
  const { targetRequired, ...table } = input
  const targetUse = targetRequired ? 'required' : 'optional'
  return scanTable({ ...table, targetUse, countRepeats: true }, ports, {
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
 * @throws ChurnOpsError `DATA_HEADER`, `DATA_INVALID` (both with the same problems in `details`), `DATA_EMPTY` or
 * `DATA_ONE_CLASS`.
 */
export function requireTrainable(validation: Validation, maxInvalid: number): void {
  const { dataset, problems, invalid, valid, classes, quarantine } = validation
  const name = tableName(dataset)
  const first = describeProblem(problems[0], placeName(dataset))
  const details = { dataset, valid, invalid, problems, quarantine }
  if (!validation.headerValid) {
    throw new ChurnOpsError('DATA_HEADER', {
      message: `${name} does not have the columns of the schema: ${first} Nothing was trained.`,
      hint: `Correct the columns, or describe yours in a file that "schema" in churn-ops.json names.`,
      details,
    })
  }
  if (invalid > maxInvalid) {
    const allowed = maxInvalid === 0 ? '' : `, ${maxInvalid} are allowed`
    throw new ChurnOpsError('DATA_INVALID', {
      message: `${invalid} of ${dataset.rows} rows in ${name} are invalid${allowed}; the first: ${first} They are in ${quarantine}. Nothing was trained.`,
      hint: `Correct them, or go on without them: --max-invalid ${invalid}.`,
      details,
    })
  }
  if (valid === 0) {
    throw new ChurnOpsError('DATA_EMPTY', {
      message: `${name} has no valid row. Nothing was trained.`,
      hint: `Correct the rows in ${quarantine}.`,
      details,
    })
  }
  const present = Object.entries(classes).filter(([, count]) => count > 0)
  if (present.length < 2) {
    throw new ChurnOpsError('DATA_ONE_CLASS', {
      message: `Every valid row of ${name} has the label ${present[0]?.[0] ?? 'nothing'}; there is nothing to learn. Nothing was trained.`,
      hint: 'Use a table with customers who left and customers who stayed.',
      details: { ...details, classes },
    })
  }
}

/** One problem as a sentence: `line 3, tenure: "abc" is not a number.` */
export function describeProblem(
  problem: Validation['problems'][number] | undefined,
  counted: 'line' | 'row' = 'line',
): string {
  if (problem === undefined) return 'no problem was noted.'
  const { line, column, value, message } = problem
  // The columns of a source that is no CSV file stand in no line of it.
  const place = [...(line === 0 ? [] : [`${counted} ${line}`]), ...(column === null ? [] : [column])].join(
    ', ',
  )
  const sentence = /^[A-Z]/.test(message) ? message : `${JSON.stringify(value)} ${message}`
  return printable(`${place === '' ? '' : `${place}: `}${sentence}${/[.?]$/.test(sentence) ? '' : '.'}`)
}
