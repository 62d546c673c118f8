import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type LoggedRow, readLoggedRow } from '../domain/serving/logged-row.js'
import type { RequestLogReader } from '../usecases/ports/request-log.js'
import { LOG_FOLDER, logFiles } from './request-log-files.js'

/** Reads the request log of a state folder, line by line. */
export function createRequestLogReader(stateFolder: string): RequestLogReader {
  const folder = join(stateFolder, LOG_FOLDER)
  return {
    folder,
    async *read(): AsyncGenerator<LoggedRow | null> {
      const names = logFiles(await readdir(folder).catch(() => []))
      for (const name of names) {
        const lines = createInterface({ input: createReadStream(join(folder, name)), crlfDelay: Infinity })
        for await (const line of lines) if (line !== '') yield readLoggedRow(line)
      }
    },
  }
}
