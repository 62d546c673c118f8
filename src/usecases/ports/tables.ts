import type { ExportedTable } from '../../contract/table.js'
import type { OnProgress } from '../../domain/progress.js'
import type { DataSource } from '../../domain/table/data-source.js'
import type { Problem } from '../../domain/table/dataset.js'
import type { TableSchema } from '../../domain/table/schema.js'

/** Reads Parquet files and queries. */
export interface TableExporter {
  /** Writes a file that goes with this process unless it is kept. */
  export(
    request: { source: Exclude<DataSource, { kind: 'csv' }>; schema: TableSchema },
    onProgress: OnProgress,
  ): Promise<ExportedTable>
  /** Lets a written file stay, named by its hash; its new path. */
  keep(path: string): Promise<string>
  /** Removes the files that were not kept. */
  dispose(): Promise<void>
}

/** Takes the invalid rows of one input file; nothing is dropped silently. */
export interface QuarantineFile {
  write(row: { fields: string[]; line: number; problems: Problem[] }): void
  /** Finishes the file; its path, or null when nothing was written. */
  close(): Promise<string | null>
  /** Removes what was written so far. */
  discard(): Promise<void>
}

/** Where invalid rows go: next to the input, or into the state folder when that one is read-only. */
export interface Quarantine {
  open(inputPath: string, header: string[]): QuarantineFile
}
