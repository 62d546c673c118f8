import type { KnownColumn } from './model-fit.js'
import type { Scored } from './prediction.js'

/** Something about a value that a caller may want to know; the row was scored all the same. */
export interface ValueWarning {
  column: string
  problem: 'unknown category' | 'blank'
}

/** One answer with all that is known about it. */
export interface DetailedAnswer extends Scored {
  version: string
  requestId: string
  warnings: ValueWarning[]
}

/** Finds what is noteworthy about rows; made once a version, since it keeps its values in sets. */
export function valueWarnings(
  columns: readonly KnownColumn[],
): (row: readonly (string | number | null)[]) => ValueWarning[] {
  const known = columns.map(({ name, values }) => ({
    name,
    values: values === null ? null : new Set(values),
  }))
  return (row) =>
    known.flatMap(({ name, values }, at): ValueWarning[] => {
      const value = row[at]
      if (value === null || value === undefined) return [{ column: name, problem: 'blank' }]
      return typeof value === 'string' && values !== null && !values.has(value)
        ? [{ column: name, problem: 'unknown category' }]
        : []
    })
}
