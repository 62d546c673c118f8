import type { KnownColumn } from './model-fit.js'
import type { FeatureValue } from './prediction.js'
import { type RowProblem, SHOWN_PROBLEMS } from './row-problem.js'

/** Rows in the order of the model's columns, or the first problems. */
export type CheckedRows = { ok: true; rows: FeatureValue[][] } | { ok: false; problems: RowProblem[] }

/** The columns that a version takes in a request, in the order of its signature. */
export function inputColumns(known: readonly KnownColumn[]): KnownColumn[] {
  return known.filter(({ sensitive }) => !sensitive)
}

/** Checks values against the model's columns; nothing is cast, so nothing is lost. `undefined` is a value that is not there. */
export function checkRows(
  columns: readonly KnownColumn[],
  rows: readonly (readonly unknown[])[],
): CheckedRows {
  const problems: RowProblem[] = []
  const checked: FeatureValue[][] = []
  for (const [place, row] of rows.entries()) {
    const values: FeatureValue[] = new Array(columns.length).fill(null)
    for (const [at, column] of columns.entries()) {
      const value = row[at]
      const message = complaint(column, value)
      if (message === null) values[at] = taken(value)
      else problems.push({ row: place + 1, column: column.name, message })
    }
    if (problems.length >= SHOWN_PROBLEMS) return { ok: false, problems: problems.slice(0, SHOWN_PROBLEMS) }
    checked.push(values)
  }
  return problems.length === 0 ? { ok: true, rows: checked } : { ok: false, problems }
}

function complaint({ kind, integer, required }: KnownColumn, value: unknown): string | null {
  if (value === null) return null
  if (value === undefined) return required ? 'is missing; a missing value is written null' : null
  if (typeof value === 'number') {
    if (kind === 'category') return 'holds a number where text belongs'
    // Forests compute with floats of 32 bits and refuse a number that those do not reach.
    if (!Number.isFinite(Math.fround(value))) return 'holds a number beyond what a model computes with'
    return integer === true && !Number.isInteger(value)
      ? 'holds a fraction where a whole number belongs'
      : null
  }
  if (typeof value === 'string') return kind === 'number' ? 'holds text where a number belongs' : null
  const what = typeof value === 'boolean' ? 'true or false' : 'a list or an object'
  return `holds ${what} where ${kind === 'number' ? 'a number' : 'text'} belongs`
}

// A field of only blanks is a missing value, as in a table.
function taken(value: unknown): FeatureValue {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.trim() !== '' ? value : null
}
