import type { Repeats } from './repeat-count.js'

/** A file that was read to its end and checked against the schema. */
export interface Dataset {
  /** Absolute path. */
  path: string
  /** SHA-256 of the file's bytes, hex. */
  sha256: string
  /** Data records in the file, valid and invalid, without header and empty lines. */
  rows: number
  /** What the file was written from: a Parquet file's path, or a database's URL without credentials and the query's hash. */
  source?: string
}

/** The table as people know it. */
export function tableName({ path, source }: Dataset): string {
  return source ?? path
}

/** What the numbers of problems count: lines of a CSV file, rows of another source. */
export function placeName({ source }: Dataset): 'line' | 'row' {
  return source === undefined ? 'line' : 'row'
}

/** One reason why a record or the header is not valid. */
export interface Problem {
  /** 1-based line in the file where the record starts; the 1-based row, or 0 for the header, where the source is no CSV file. */
  line: number
  /** The column's name, or null where the whole record is meant. */
  column: string | null
  /** The offending text, cut to 100 characters. */
  value: string
  message: string
}

/** What a validation found; `invalidRecords` is the law for Python. */
export interface Validation {
  dataset: Dataset
  valid: number
  invalid: number
  /** The first problems, at most 20. */
  problems: Problem[]
  /** False when columns are missing, doubled or unknown: then no row was judged and all count as invalid. */
  headerValid: boolean
  /** 0-based ordinals of invalid records among all data records, ascending; empty when the header is not valid. */
  invalidRecords: number[]
  /** Names in the header, in file order, BOM removed. */
  header: string[]
  /** What was read otherwise than it is written; no problems. */
  notes: string[]
  /** Where the bad rows were written, or null when all are valid. */
  quarantine: string | null
  /** Rows per target label, valid rows only; empty when the file has no target column. */
  classes: Record<string, number>
  /** How often customers and rows come again; nothing where nobody asked. */
  repeats: Repeats
}
