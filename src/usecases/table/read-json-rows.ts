import type { Problem, Validation } from '../../domain/table/dataset.js'
import { checkHeader } from '../../domain/table/header-check.js'
import { rowsOfJson } from '../../domain/table/json-rows.js'
import { idOf, toRawRow } from '../../domain/table/raw-row.js'
import { createRowCheck } from '../../domain/table/row-check.js'
import type { TableSchema } from '../../domain/table/schema.js'
import { ChurnOpsError } from '../../errors.js'
import type { Quarantine } from '../ports/tables.js'
import type { RawCustomer } from './read-raw-rows.js'

const SHOWN_PROBLEMS = 20

/** What reading an input for scoring found. */
export type Rejections = Pick<
  Validation,
  'valid' | 'invalid' | 'problems' | 'headerValid' | 'notes' | 'quarantine'
> & {
  rows: number
}

/**
 * Hands on the valid rows of a JSON document, judged as the rows of a CSV are; `line` is the row's number, from 1.
 *
 * @throws ChurnOpsError `DATA_INVALID` for what is no JSON or no table, `DATA_EMPTY` without rows.
 */
export async function readJsonRows(
  input: { path: string; text: string; schema: TableSchema },
  ports: { quarantine: Quarantine },
  onRow: (row: RawCustomer) => Promise<void> | void,
): Promise<Rejections> {
  const { header, rows } = tableOf(input)
  const { layout, notes, problems: headerProblems } = checkHeader(header, 1, input.schema, 'ignored')
  if (headerProblems.length > 0) {
    return {
      rows: rows.length,
      valid: 0,
      invalid: rows.length,
      problems: headerProblems.slice(0, SHOWN_PROBLEMS),
      headerValid: false,
      notes,
      quarantine: null,
    }
  }
  const check = createRowCheck(layout, input.schema, { targetRequired: false })
  const problems: Problem[] = []
  const rejected = ports.quarantine.open(input.path, header)
  let invalid = 0
  try {
    for (const [ordinal, fields] of rows.entries()) {
      const line = ordinal + 1
      const found = check(fields, line)
      if (found.length > 0) {
        invalid++
        problems.push(...found.slice(0, SHOWN_PROBLEMS - problems.length))
        rejected.write({ fields, line, problems: [...found] })
      } else {
        const values = toRawRow(fields, layout, input.schema)
        await onRow({ ordinal, line, id: idOf(fields, layout), values })
      }
    }
    const quarantine = await rejected.close()
    return {
      rows: rows.length,
      valid: rows.length - invalid,
      invalid,
      problems,
      headerValid: true,
      notes,
      quarantine,
    }
  } catch (error) {
    await rejected.discard()
    throw error
  }
}

function tableOf({ path, text }: { path: string; text: string }): { header: string[]; rows: string[][] } {
  const table = rowsOfJson(jsonOf(path, text))
  if (table === null) {
    throw new ChurnOpsError('DATA_INVALID', {
      message: `${path} is JSON but not a table. Nothing was sent.`,
      hint: 'Give a list of objects, or MLflow\'s format with "dataframe_split", "dataframe_records" or "instances".',
      details: { path },
    })
  }
  if (table.rows.length > 0) return table
  throw new ChurnOpsError('DATA_EMPTY', {
    message: `${path} has no rows. Nothing was sent.`,
    hint: 'Give at least one customer.',
    details: { path },
  })
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ChurnOpsError('DATA_INVALID', {
      message: `${path} is not valid JSON: ${cause instanceof Error ? cause.message : String(cause)}. Nothing was sent.`,
      hint: 'Correct the file; NaN and Infinity are not valid JSON; use null for a missing value.',
      details: { path },
      cause,
    })
  }
}
