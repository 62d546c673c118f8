import { rename, rm } from 'node:fs/promises'
import type { TableExporter } from '../usecases/ports/tables.js'
import type { AskPython } from './ask-python.js'

/** Parquet files and queries read in Python; `folder` takes the CSV files. */
export function createTableExporter(ask: AskPython, folder: string): TableExporter {
  const passing = new Set<string>()
  return {
    async export(request, onProgress) {
      const table = await ask('table.export', { ...request, folder }, { onProgress })
      passing.add(table.path)
      return table
    },
    async keep(path) {
      const kept = withoutProcess(path)
      await rename(path, kept)
      passing.delete(path)
      return kept
    },
    async dispose() {
      await Promise.all([...passing].map((path) => rm(path, { force: true })))
      passing.clear()
    },
  }
}

/** The name of a written table by its hash alone, without the number of the process. */
function withoutProcess(path: string): string {
  return path.replace(/\.\d+\.csv$/, '.csv')
}
