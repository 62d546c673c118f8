import { z } from 'zod'

/** A table as text, like a CSV that was read: what is missing is empty. */
export interface TextTable {
  header: string[]
  rows: string[][]
}

// Not z.record, which leaves out the name __proto__.
const record = z.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
)
const records = z.array(record)
const split = z.object({ columns: z.array(z.string()), data: z.array(z.array(z.unknown())) })
const accepted = z.union([
  records,
  z.object({ dataframe_split: split }).transform((body) => body.dataframe_split),
  z.object({ dataframe_records: records }).transform((body) => body.dataframe_records),
  z.object({ instances: records }).transform((body) => body.instances),
])

/** The rows of a JSON document in one of MLflow's forms or as a plain list of objects; null for any other shape. */
export function rowsOfJson(document: unknown): TextTable | null {
  const read = accepted.safeParse(document)
  if (!read.success) return null
  if (!Array.isArray(read.data)) {
    return { header: read.data.columns, rows: read.data.data.map((row) => row.map(textOf)) }
  }
  const header = [...new Set(read.data.flatMap(Object.keys))]
  return { header, rows: read.data.map((row) => header.map((name) => textOf(own(row, name)))) }
}

// A column may be called constructor, which every object seems to have.
function own(row: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(row, name)?.value
}

// As text, a value meets the same checks as a field of a CSV: true is no number, and 3.7 no whole one.
function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
