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
