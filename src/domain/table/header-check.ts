import { nearestName } from '../text/nearest-name.js'
import { shownValue, trimBlanks } from './cell.js'
import type { Problem } from './dataset.js'
import { modelColumns, type TableSchema } from './schema.js'

const SHOWN_NAMES = 5

/** What becomes of the target column: it must be there, may be there, or is not looked at. */
export type TargetUse = 'required' | 'optional' | 'ignored'

/** Where the schema's columns are in a file; -1 for an id, date or target that the file leaves out. */
export interface Layout {
  width: number
  id: number
  target: number
  date: number
  /** Indexes of the features, in schema order. */
  features: number[]
}

/**
 * Finds the columns of a schema in a header. The order is free, the id may be missing, and spaces around a name are not part
 * of it; missing features, duplicate names and columns that the schema does not list are problems, with the nearest name.
 *
 * @returns `notes`: what was read otherwise than it is written.
 */
export function checkHeader(
  written: readonly string[],
  line: number,
  schema: TableSchema,
  targetUse: TargetUse,
): { layout: Layout; problems: Problem[]; notes: string[] } {
  const header = written.map(trimBlanks)
  const features = schema.features.map((feature) => feature.name)
  const dates = schema.date === null ? [] : [schema.date]
  const asked = targetUse === 'ignored' ? modelColumns(schema).map((feature) => feature.name) : features
  const required = targetUse === 'required' ? [...features, ...dates, schema.target.column] : asked
  const known = [...features, ...dates, schema.target.column, ...(schema.id === null ? [] : [schema.id])]
  const unknown = header.filter((name) => !known.includes(name))
  const absent = known.filter((name) => !header.includes(name))
  const problem = (column: string | null, value: string, message: string): Problem => ({
    line,
    column: column === null ? null : shownValue(column),
    value: shownValue(value),
    message,
  })

  const missing = required
    .filter((name) => !header.includes(name))
    .map((name) => {
      const nearest = nearestName(name, unknown)
      const advice =
        nearest === null ? '' : `; the file has ${JSON.stringify(shownValue(nearest))}, rename it`
      return problem(name, nearest ?? '', `The column is missing${advice}.`)
    })
  const extra = header.flatMap((name, at) => {
    if (known.includes(name)) return []
    if (name === '') return [problem(null, name, `Column ${at + 1} has no name.`)]
    const nearest = nearestName(name, absent)
    const advice = nearest === null ? 'remove it, or list it in the schema.' : `did you mean ${nearest}?`
    return [problem(name, name, `The schema has no such column; ${advice}`)]
  })
  const doubled = header.flatMap((name, at) => {
    const first = header.indexOf(name)
    if (first === at || name === '') return []
    return [problem(name, name, `The column appears twice: columns ${first + 1} and ${at + 1}.`)]
  })
  const layout: Layout = {
    width: header.length,
    id: schema.id === null ? -1 : header.indexOf(schema.id),
    target: targetUse === 'ignored' ? -1 : header.indexOf(schema.target.column),
    date: schema.date === null ? -1 : header.indexOf(schema.date),
    features: features.map((name) => header.indexOf(name)),
  }
  return {
    layout,
    problems: [...separatorProblem(written, problem), ...missing, ...doubled, ...extra],
    notes: blankNotes(written.filter((name) => name !== trimBlanks(name))),
  }
}

function blankNotes(padded: readonly string[]): string[] {
  if (padded.length === 0) return []
  const shown = padded.slice(0, SHOWN_NAMES).map((name) => JSON.stringify(shownValue(name)))
  const more = padded.length > shown.length ? ` and ${padded.length - shown.length} more` : ''
  return [`Spaces around column names in the header were trimmed: ${shown.join(', ')}${more}.`]
}

// A table with another separator has one column, and every column of the schema would be called missing.
function separatorProblem(
  header: readonly string[],
  problem: (column: string | null, value: string, message: string) => Problem,
): Problem[] {
  const [only = ''] = header
  const separator = ([';', '\t', '|'] as const).find((candidate) => only.includes(candidate))
  if (header.length !== 1 || separator === undefined) return []
  const name = separator === '\t' ? 'tabs' : `"${separator}"`
  return [problem(null, only, `The columns seem to be separated by ${name}; export the file with commas.`)]
}
