import { isBlank, parseNumber, trimBlanks } from './cell.js'
import type { Layout } from './header-check.js'
import type { Column, TableSchema } from './schema.js'

/** Looks for columns that may know the answer, in rows of a table that is read once. */
export interface LeakScreen {
  /** Takes a valid row. */
  add(fields: readonly string[], layout: Layout): void
  /** Names of columns that Python should look at: in a sample each alone tells nearly all churners from the others. */
  suspects(): string[]
}

/** Python refuses over 0.99 in the training rows; a sample of all rows is far less than this below it. */
const SUSPICIOUS_FROM = 0.9
/** Rows of a class that are kept at most; half as many give an area of 0.99 a standard error under 0.01. */
const KEPT = 1_000
const FOLDS = 5
/** V8 keeps a text of this length as part of the block of the file that it was cut from, and with it the whole block. */
const SLICED_FROM = 13

/** A value as it is kept: a number, NaN where it is blank; or a text, empty where it is blank. */
type Value = number | string

/** Makes the screen of a schema; sensitive columns are not part of a model and are not looked at. */
export function createLeakScreen(schema: TableSchema): LeakScreen {
  const columns = schema.features
    .map((column, at) => ({ column, at }))
    .filter(({ column }) => column.sensitive !== true)
  const { positive, negative } = schema.target
  const samples = new Map([negative, positive].map((label) => [label, createSample()]))
  return {
    add(fields, layout) {
      const sample = samples.get(trimBlanks(fields[layout.target] ?? ''))
      if (sample?.takes() !== true) return
      sample.put(columns.map(({ column, at }) => keptValue(fields[layout.features[at] ?? -1] ?? '', column)))
    },
    suspects() {
      const [stayed, churned] = [...samples.values()].map((sample) => sample.rows())
      if (!stayed?.length || !churned?.length) return []
      const labels = [...stayed.map(() => 0), ...churned.map(() => 1)]
      return columns
        .filter(({ column }, place) => {
          const values = [...stayed, ...churned].map((row) => row[place] ?? '')
          return areaOf(values, labels, column.kind) > SUSPICIOUS_FROM
        })
        .map(({ column }) => column.name)
    },
  }
}

function keptValue(text: string, column: Column): Value {
  if (column.kind === 'number') return parseNumber(text) ?? Number.NaN
  if (isBlank(text)) return ''
  const value = trimBlanks(text)
  return value.length < SLICED_FROM ? value : Buffer.from(value).toString()
}

/** Evenly spread rows of a class: every one, then every second, fourth, … of them. */
function createSample(): { takes(): boolean; put(row: Value[]): void; rows(): Value[][] } {
  let kept: Value[][] = []
  let step = 1
  let seen = 0
  return {
    takes: () => seen++ % step === 0,
    put(row) {
      kept.push(row)
      if (kept.length <= KEPT) return
      kept = kept.filter((_, at) => at % 2 === 0)
      step *= 2
    },
    rows: () => kept,
  }
}

function areaOf(values: Value[], labels: number[], kind: Column['kind']): number {
  if (kind === 'category') return area(ratesOfOtherFolds(values, labels), labels)
  const numbers = values.map(Number)
  // Blanks may be below or above all numbers.
  const blanks = numbers.some(Number.isNaN) ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : [0]
  const areas = blanks.map((blank) =>
    area(
      numbers.map((number) => (Number.isNaN(number) ? blank : number)),
      labels,
    ),
  )
  return Math.max(...areas.flatMap((found) => [found, 1 - found]))
}

/** The share of churners that a row's value has in the other folds, so that a column of many values cannot flatter itself. */
function ratesOfOtherFolds(values: Value[], labels: number[]): number[] {
  const counts = new Map<Value, { rows: number[]; churned: number[] }>()
  values.forEach((value, at) => {
    const found = counts.get(value) ?? { rows: Array(FOLDS).fill(0), churned: Array(FOLDS).fill(0) }
    counts.set(value, found)
    const fold = at % FOLDS
    found.rows[fold] = (found.rows[fold] ?? 0) + 1
    found.churned[fold] = (found.churned[fold] ?? 0) + (labels[at] ?? 0)
  })
  const ofAll = sum(labels) / labels.length
  return values.map((value, at) => {
    const { rows = [], churned = [] } = counts.get(value) ?? {}
    const others = sum(rows) - (rows[at % FOLDS] ?? 0)
    return others === 0 ? ofAll : (sum(churned) - (churned[at % FOLDS] ?? 0)) / others
  })
}

/** Area under the ROC curve as the Mann-Whitney statistic; equal scores share their ranks. */
function area(scores: number[], labels: number[]): number {
  const order = scores.map((_, at) => at).sort((one, other) => compare(scores[one], scores[other]))
  const positives = sum(labels)
  let ranks = 0
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && scores[order[end] ?? 0] === scores[order[start] ?? 0]) end += 1
    const tied = order.slice(start, end)
    ranks += sum(tied.map((at) => labels[at] ?? 0)) * ((start + 1 + end) / 2)
    start = end
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (labels.length - positives))
}

// No difference: two infinite numbers have none.
function compare(one = 0, other = 0): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
