import type { OnProgress } from '../../domain/progress.js'
import type { DataSource } from '../../domain/table/data-source.js'
import type { TableSchema } from '../../domain/table/schema.js'
import type { TableExporter } from '../ports/tables.js'

/** A table as a CSV file that can be read. */
export interface OpenedTable {
  /** Absolute path of the CSV file. */
  path: string
  /** What the rows came from when that is not the file itself; its name holds no credentials. */
  source?: string
  /** The file that invalid rows are next to. */
  besides: string
  /** Lets the written CSV file stay for later, named by its hash; the path that it has from then on. */
  keep(): Promise<string>
}

/**
 * Makes a CSV file, a Parquet file or the rows of a query readable in one way: as CSV. A CSV file is left where it is, and
 * no Python is started for it.
 *
 * @throws ChurnOpsError `DATA_EMPTY`, `DATA_UNREADABLE`, `DATA_HEADER`, `DATA_ENCODING`, `DATABASE_UNREACHABLE`,
 * `URL_INVALID` or `PYTHON_PACKAGES`; never for a CSV file.
 */
export async function openTable(
  input: { source: DataSource; schema: TableSchema },
  ports: { exporter: () => Promise<TableExporter>; onProgress: OnProgress },
): Promise<OpenedTable> {
  const { source, schema } = input
  if (source.kind === 'csv') {
    const { path } = source
    return { path, besides: path, keep: async () => path }
  }
  const exporter = await ports.exporter()
  const table = await exporter.export({ source, schema }, ports.onProgress)
  // The file of a passing table has the number of a process in its name; its invalid rows stay.
  const besides = source.kind === 'parquet' ? source.path : table.path.replace(/\.\d+\.csv$/, '.csv')
  return { path: table.path, source: table.source, besides, keep: () => exporter.keep(table.path) }
}
