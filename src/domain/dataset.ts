/** A file that was read to its end and checked against the schema. */
export interface Dataset {
  /** Absolute path. */
  path: string
  /** SHA-256 of the file's bytes, hex. */
  sha256: string
  /** Data records in the file, valid and invalid, without header and empty lines. */
  rows: number
}

/** One reason why a record or the header is not valid. */
export interface Problem {
  /** 1-based line in the file where the record starts. */
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
  /** Where the bad rows were written, or null when all are valid. */
  quarantine: string | null
  /** Rows per target label, valid rows only; empty when the file has no target column. */
  classes: Record<string, number>
}
