import { printable } from './cell.js'
import type { Problem } from './dataset.js'

/** One problem as a sentence: `line 3, tenure: "abc" is not a number.` */
export function describeProblem(problem: Problem | undefined, counted: 'line' | 'row' = 'line'): string {
  if (problem === undefined) return 'no problem was recorded.'
  const { line, column, value, message } = problem
  // The columns of a source that is no CSV file stand in no line of it.
  const place = [...(line === 0 ? [] : [`${counted} ${line}`]), ...(column === null ? [] : [column])].join(
    ', ',
  )
  const sentence = /^[A-Z]/.test(message) ? message : `${JSON.stringify(value)} ${message}`
  return printable(`${place === '' ? '' : `${place}: `}${sentence}${/[.?]$/.test(sentence) ? '' : '.'}`)
}
