import type { DataSource } from '../../domain/data-source.js'
import type { TableSchema } from '../../domain/schema.js'
import type { OnProgress } from '../ports.js'

/** Rows of another form as a CSV file. */
export interface ExportedTable {
  /** Absolute path of the CSV file; its bytes depend on the rows alone. */
  path: string
  rows: number
  /** The original path, or the database's URL without credentials and the hash of the query. */
  source: string
}

/** Reads Parquet files and queries. */
export interface TableExporter {
  /** With `keep` the file stays, named by its hash; otherwise it goes with this process. */
  export(
    request: { source: Exclude<DataSource, { kind: 'csv' }>; schema: TableSchema; keep: boolean },
    onProgress: OnProgress,
  ): Promise<ExportedTable>
  /** Removes the files that were not to be kept. */
  dispose(): Promise<void>
}
