import { parse } from 'csv-parse/sync'
import { type Invocation, type RowShape, readTable } from '../../domain/serving/invocation.js'
import { wholeProblem } from '../../domain/serving/row-problem.js'
import { textOf } from '../../domain/serving/strict-json.js'

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** Reads a CSV body: a header and rows, as MLflow takes it. Blank fields are missing values; numbers are read by the model's columns. */
export function readCsvRows(bytes: Uint8Array, shape: RowShape): Invocation {
  const text = textOf(bytes)
  if (text === null) return refused('the body is not UTF-8 text')
  let lines: string[][]
  try {
    lines = parse(text, { relaxColumnCount: true, skipEmptyLines: true, maxRecordSize: 1_000_000 })
  } catch {
    return refused('the body is not CSV')
  }
  const [header, ...data] = lines
  if (header === undefined) return refused('the body has no header')
  const kinds = header.map((name) => shape.columns.find((column) => column.name === name)?.kind ?? null)
  return readTable(
    header,
    data.map((line) => line.map((field, at) => fieldValue(field, kinds[at] ?? null))),
    shape,
  )
}

function fieldValue(field: string, kind: 'number' | 'category' | null): string | number | null {
  const bare = field.trim()
  if (bare === '') return null
  // What is no number stays text, which the check of the values refuses by row and column.
  return kind === 'number' && NUMBER.test(bare) ? Number(bare) : field
}

function refused(message: string): Invocation {
  return { ok: false, problems: [wholeProblem(message)] }
}
