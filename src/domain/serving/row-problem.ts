/** What is wrong with a request, by row and column where it can be told; it never repeats what was sent. */
export interface RowProblem {
  /** From 1; null when the fault is not one row's. */
  row: number | null
  /** A column of the model; null when the fault is not one column's. */
  column: string | null
  message: string
}

/** How many problems an answer lists. */
export const SHOWN_PROBLEMS = 20

/** A problem as one sentence. */
export function problemSentence({ row, column, message }: RowProblem): string {
  const place = [...(row === null ? [] : [`row ${row}`]), ...(column === null ? [] : [`column ${column}`])]
  return place.length === 0 ? message : `${place.join(', ')}: ${message}`
}

/** A problem of the request as a whole. */
export function wholeProblem(message: string): RowProblem {
  return { row: null, column: null, message }
}
