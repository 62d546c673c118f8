import { rm } from 'node:fs/promises'
import { z } from 'zod'
import type { TableExporter } from '../usecases/ports/tables.js'
import type { CallPython } from './python-process.js'

const exported = z.object({ path: z.string(), rows: z.int(), source: z.string() })

/** Parquet files and queries read in Python; `folder` takes the CSV files. */
export function createTableExporter(call: CallPython, folder: string): TableExporter {
  const passing: string[] = []
  return {
    async export(request, onProgress) {
      const table = await call('table.export', { ...request, folder }, exported, { onProgress })
      if (!request.keep) passing.push(table.path)
      return table
    },
    async dispose() {
      await Promise.all(passing.splice(0).map((path) => rm(path, { force: true })))
    },
  }
}
