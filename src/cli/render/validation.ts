import chalk from 'chalk'
import { printable } from '../../domain/table/cell.js'
import { placeName, tableName, type Validation } from '../../domain/table/dataset.js'
import { describeRepeats } from '../../domain/table/repeat-count.js'
import { renderTable } from './table.js'

const VALUE_WIDTH = 40
/** As many as a validation holds. */
const SHOWN_PROBLEMS = 20

/** A validation for people: counts, then the first problems, then where the rows are and what `train` would say. */
export function renderValidation(
  validation: Validation,
  told: { warnings: readonly string[]; refusal: Error | null },
): string {
  const { dataset, valid, invalid, problems, headerValid, quarantine, repeats } = validation
  const labels = labelCounts(validation)
  const counts = `${tableName(dataset)}: ${dataset.rows} rows, ${valid} valid, ${invalid} invalid${labels.length === 0 ? '' : ` (${labels.join(', ')})`}`
  const after = [
    ...describeRepeats(repeats),
    ...told.warnings.map((warning) => `${chalk.yellow('warning')} ${printable(warning)}`),
    ...(told.refusal === null ? [] : [`${chalk.red('train refuses it')} ${printable(told.refusal.message)}`]),
  ].map((line) => `\n${line}`)
  if (problems.length === 0) return `${counts}\nsha256 ${dataset.sha256}${after.join('')}`
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
    ? `${problems.length < SHOWN_PROBLEMS ? '' : `These are the first ${SHOWN_PROBLEMS} problems. `}The invalid rows are in ${quarantine}`
    : 'The columns do not match the schema; no rows were checked.'
  return `${counts}\n\n${table}\n\n${end}${after.join('')}`
}

/** Valid rows by label, so that they add up. */
function labelCounts({ classes, valid }: Validation): string[] {
  const labels = Object.entries(classes)
  const labelled = labels.reduce((sum, [, count]) => sum + count, 0)
  const without = labels.length === 0 || labelled === valid ? [] : [`${valid - labelled} without a label`]
  return [...labels.map(([label, count]) => `${label} ${count}`), ...without]
}

function short(text: string): string {
  const oneLine = printable(text)
  return oneLine.length > VALUE_WIDTH ? `${oneLine.slice(0, VALUE_WIDTH - 1)}…` : oneLine
}
