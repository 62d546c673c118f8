import { z } from 'zod'
import { nearestName } from '../text/nearest-name.js'
import { isBlank, isTooLarge, parseNumber, shownValue, trimBlanks } from './cell.js'
import type { Problem } from './dataset.js'
import type { Layout } from './header-check.js'
import type { Column, TableSchema } from './schema.js'

/** Judges one row; an empty list means valid. */
export type RowCheck = (fields: readonly string[], line: number) => readonly Problem[]

/** What is wrong with a value, or null. */
type ValueCheck = (text: string) => string | null

// Distinct values to remember per column: categories and small numbers repeat, ids and amounts would fill the memory.
const REMEMBERED = 2_000
const VALID: readonly Problem[] = []

/** Builds the checks of every column once, for a header that has all of them. */
export function createRowCheck(
  layout: Layout,
  schema: TableSchema,
  { targetRequired }: { targetRequired: boolean },
): RowCheck {
  const checks = schema.features
    .map((column, at) => ({
      name: column.name,
      index: layout.features[at] ?? -1,
      check: remembered(blankOr(column.blank, columnShape(column))),
    }))
    // A sensitive column may be left out where rows are only scored.
    .filter(({ index }) => index >= 0)
  if (layout.target >= 0) {
    const { column, positive, negative } = schema.target
    const check = remembered(blankOr(!targetRequired, knownValue([positive, negative])))
    checks.push({ name: column, index: layout.target, check })
  }
  if (layout.date >= 0 && schema.date !== null) {
    checks.push({
      name: schema.date,
      index: layout.date,
      check: remembered(blankOr(!targetRequired, isoDate)),
    })
  }
  return (fields, line) => {
    if (fields.length !== layout.width) return [raggedRow(fields, line, layout.width)]
    let problems: Problem[] | null = null
    for (const { name, index, check } of checks) {
      const text = fields[index] ?? ''
      const message = check(text)
      if (message === null) continue
      problems ??= []
      problems.push({ line, column: name, value: shownValue(text), message })
    }
    return problems ?? VALID
  }
}

function columnShape(column: Column): z.ZodType {
  if (column.kind === 'category') return column.closed ? knownValue(column.values) : freeText
  const { integer, minimum, maximum } = column
  let number = z.number()
  // Not int(), which takes no whole number over 2^53 for one.
  if (integer) number = number.refine(Number.isInteger, 'is not a whole number')
  if (minimum !== undefined) number = number.min(minimum, `is below ${minimum}`)
  if (maximum !== undefined) number = number.max(maximum, `is above ${maximum}`)
  return z
    .string()
    .transform((text, context) => {
      const read = parseNumber(text)
      if (read !== null) return read
      const message = isTooLarge(text) ? 'is beyond ±3.4e38, the range of a model' : 'is not a number'
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    })
    .pipe(number)
}

function knownValue(values: readonly string[]): z.ZodType {
  return z.enum([...values], {
    error: ({ input }) => {
      const nearest = nearestName(String(input), values)
      const list = values.slice(0, 10).join(', ')
      return nearest === null ? `is not one of ${list}` : `is not a known value; did you mean ${nearest}?`
    },
  })
}

// Forms that name one instant: a date is midnight, and a time without an offset is UTC.
const isoDate = z.union([z.iso.date(), z.iso.datetime({ offset: true, local: true })], {
  error: () => 'is not an ISO date such as 2026-01-31',
})

// Python's csv module and the model keep it, but no table means it: a broken export.
const freeText = z.string().refine((text) => !text.includes('\u0000'), 'contains a NUL character')

function blankOr(blankAllowed: boolean, shape: z.ZodType): ValueCheck {
  return (text) => {
    if (isBlank(text)) return blankAllowed ? null : 'is empty'
    const read = shape.safeParse(trimBlanks(text))
    return read.success ? null : (read.error.issues[0]?.message ?? 'is not valid')
  }
}

function remembered(check: ValueCheck): ValueCheck {
  const known = new Map<string, string | null>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const found = check(text)
    if (known.size < REMEMBERED) known.set(text, found)
    return found
  }
}

function raggedRow(fields: readonly string[], line: number, width: number): Problem {
  return {
    line,
    column: null,
    value: shownValue(fields.join(',')),
    message: `has ${fields.length} fields, the header has ${width}`,
  }
}
