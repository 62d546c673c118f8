import { type CsvRecord, type ReadState, readRows } from '../../csv/read-rows.js'
import { rowHash } from '../../csv/row-hash.js'
import { trimBlanks } from '../../domain/table/cell.js'
import type { Problem, Validation } from '../../domain/table/dataset.js'
import { checkHeader, type Layout, type TargetUse } from '../../domain/table/header-check.js'
import { createRepeatCount, NO_REPEATS, type RepeatCount } from '../../domain/table/repeat-count.js'
import { createRowCheck, type RowCheck } from '../../domain/table/row-check.js'
import type { TableSchema } from '../../domain/table/schema.js'
import { ChurnOpsError } from '../../errors.js'
import type { Quarantine, QuarantineFile } from '../ports/tables.js'

/** A row that passed the checks. */
export interface ValidRow {
  /** 0-based among all data records. */
  ordinal: number
  /** 1-based line where the row starts; the row's number where the source is no CSV file. */
  line: number
  fields: readonly string[]
  layout: Layout
}

/** What a scan reports while it goes on; a promise holds the reading back. */
export interface ScanListener {
  onRow?: (row: ValidRow) => void | Promise<void>
  onRead?: (state: ReadState, rows: number) => void
}

const SHOWN_PROBLEMS = 20

/** What is known once the header is read. */
interface Header {
  names: string[]
  layout: Layout
  problems: Problem[]
  notes: string[]
  check: RowCheck
  /** Counts what a row repeats; null where nobody asked. */
  count: ((fields: readonly string[]) => void) | null
}

/**
 * Reads a table once to its end and judges header and rows; invalid rows go to quarantine. A header that does not fit is
 * a finding, not an error: all rows then count as invalid, and none is judged or quarantined.
 *
 * @throws ChurnOpsError `DATA_EMPTY` without header or rows; whatever reading and quarantine throw.
 */
export async function scanTable(
  input: {
    path: string
    schema: TableSchema
    targetUse: TargetUse
    source?: string
    besides?: string
    /** Count how often customers and rows come again. */
    countRepeats?: boolean
  },
  ports: { quarantine: Quarantine },
  listener: ScanListener = {},
): Promise<Validation> {
  const { schema, targetUse } = input
  const { positive, negative } = schema.target
  const problems: Problem[] = []
  const invalidRecords: number[] = []
  const labels = { [negative]: 0, [positive]: 0 }
  let header: Header | null = null
  let rejected: QuarantineFile | null = null
  let rows = 0
  const repeats = input.countRepeats === true ? createRepeatCount() : null

  const judge = (record: CsvRecord, { layout, check, names, count }: Header): void | Promise<void> => {
    const ordinal = rows++
    const line = input.source === undefined ? record.line : ordinal + 1
    const found = check(record.fields, line)
    if (found.length > 0) {
      invalidRecords.push(ordinal)
      problems.push(...found.slice(0, SHOWN_PROBLEMS - problems.length))
      rejected ??= ports.quarantine.open(input.besides ?? input.path, names)
      rejected.write({ fields: record.fields, line, problems: [...found] })
      return
    }
    const label = layout.target < 0 ? '' : trimBlanks(record.fields[layout.target] ?? '')
    if (Object.hasOwn(labels, label)) labels[label] = (labels[label] ?? 0) + 1
    count?.(record.fields)
    return listener.onRow?.({ ordinal, line, fields: record.fields, layout })
  }

  try {
    const sha256 = await readRows(input.path, async (records, state) => {
      for (const record of records) {
        if (header === null)
          header = readHeader(
            input.source === undefined ? record : { ...record, line: 0 },
            schema,
            targetUse,
            repeats,
          )
        else if (header.problems.length > 0) rows++
        else {
          const waiting = judge(record, header)
          if (waiting !== undefined) await waiting
        }
      }
      listener.onRead?.(state, rows)
    })
    const { names, layout, notes, problems: headerProblems } = notEmpty(input.path, header, rows)
    const headerValid = headerProblems.length === 0
    rejected ??= headerValid ? ports.quarantine.open(input.besides ?? input.path, names) : null
    const invalid = headerValid ? invalidRecords.length : rows
    return {
      dataset: {
        path: input.path,
        sha256,
        rows,
        ...(input.source === undefined ? {} : { source: input.source }),
      },
      valid: rows - invalid,
      invalid,
      problems: headerValid ? problems : headerProblems.slice(0, SHOWN_PROBLEMS),
      headerValid,
      invalidRecords,
      header: names,
      notes,
      quarantine: (await (rejected as QuarantineFile | null)?.close()) ?? null,
      classes: headerValid && layout.target >= 0 ? labels : {},
      repeats: repeats?.result() ?? NO_REPEATS,
    }
  } catch (error) {
    await (rejected as QuarantineFile | null)?.discard()
    throw error
  }
}

/** Makes what counts the rows of a header's layout. */
function rowCounter(repeats: RepeatCount, layout: Layout): (fields: readonly string[]) => void {
  const content = [...layout.features, layout.target, layout.date].filter((place) => place >= 0)
  const id = layout.id < 0 ? null : [layout.id]
  return (fields) =>
    repeats.add(id === null ? null : rowHash(fields, id, trimBlanks), rowHash(fields, content, trimBlanks))
}

function readHeader(
  record: CsvRecord,
  schema: TableSchema,
  targetUse: TargetUse,
  repeats: RepeatCount | null,
): Header {
  const { layout, problems, notes } = checkHeader(record.fields, record.line, schema, targetUse)
  const check = createRowCheck(layout, schema, { targetRequired: targetUse === 'required' })
  const count = repeats === null ? null : rowCounter(repeats, layout)
  return { names: record.fields, layout, problems, notes, check, count }
}

function notEmpty(path: string, header: Header | null, rows: number): Header {
  if (header !== null && rows > 0) return header
  throw new ChurnOpsError('DATA_EMPTY', {
    message: header === null ? `${path} is empty.` : `${path} has a header and no rows.`,
    hint: 'Name a CSV file with one line of column names and one line per customer.',
    details: { path },
  })
}
