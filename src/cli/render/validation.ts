import { printable } from '../../domain/cell.js'
import { placeName, tableName, type Validation } from '../../domain/dataset.js'
import { describeRepeats } from '../../domain/repeat-count.js'
import { renderTable } from './table.js'

const VALUE_WIDTH = 40

/** A validation for people: counts, then the first problems, then where the rows are. */
export function renderValidation(validation: Validation, warnings: readonly string[]): string {
  const { dataset, valid, invalid, problems, headerValid, quarantine, classes, repeats } = validation
  const labels = Object.entries(classes).map(([label, count]) => `${label} ${count}`)
  const counts = `${tableName(dataset)}: ${dataset.rows} rows, ${valid} valid, ${invalid} invalid${labels.length === 0 ? '' : ` (${labels.join(', ')})`}`
  const noted = [...describeRepeats(repeats), ...warnings].map((note) => `\n${printable(note)}`).join('')
  if (problems.length === 0) return `${counts}${noted}\nsha256 ${dataset.sha256}`
  const table = renderTable(
    [placeName(dataset), 'column', 'value', 'problem'],
    problems.map(({ line, column, value, message }) => [
      line === 0 ? '–' : String(line),
      short(column ?? '(row)'),
      short(value),
      printable(message),
    ]),
  )
  const end = headerValid
    ? `The invalid rows are in ${quarantine}`
    : 'The columns do not fit the schema; no row was judged.'
  return `${counts}${noted}\n\n${table}\n\n${end}`
}

function short(text: string): string {
  const oneLine = printable(text)
  return oneLine.length > VALUE_WIDTH ? `${oneLine.slice(0, VALUE_WIDTH - 1)}…` : oneLine
}
