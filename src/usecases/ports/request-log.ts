import type { LoggedRow } from '../../domain/serving/logged-row.js'

/** The request log, to be read. */
export interface RequestLogReader {
  /** Absolute path of the folder with its files. */
  folder: string
  /** Every row, the oldest first; null for a line that is no row. */
  read(): AsyncIterable<LoggedRow | null>
}

/** A file that rows of the log go to; it appears whole or not at all. */
export interface LogExport {
  write(rows: readonly LoggedRow[]): void
  /** Puts the file in its place; its absolute path. */
  commit(): string
  discard(): void
}
