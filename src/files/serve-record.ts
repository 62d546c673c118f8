import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { knownColumnSchema } from '../domain/serving/model-fit.js'
import type { ServeRecord, ServeRecords } from '../usecases/ports/serving.js'
import { replaceFile } from './draft.js'

const shape = z.object({
  url: z.string(),
  version: z.string(),
  model: z.string(),
  pid: z.int().positive(),
  startedAt: z.string(),
  columns: z.array(knownColumnSchema).optional(),
})

/** Records `serve-PORT.json` in the state folder; they live as long as the process that wrote them. */
export function createServeRecords(stateFolder: string): ServeRecords {
  const written = new Set<string>()
  const pathOf = (port: string): string => join(stateFolder, `serve-${port}.json`)
  return {
    async write(record) {
      const path = pathOf(portOf(record.url))
      replaceFile(path, `${JSON.stringify(record)}\n`)
      written.add(path)
    },
    async find(url) {
      if (!isLocal(url)) return null
      const text = await readFile(pathOf(portOf(url)), 'utf8').catch(() => null)
      const record = text === null ? null : parse(text)
      // A killed server leaves its record; a dead process id tells.
      return record !== null && portOf(record.url) === portOf(url) && isAlive(record.pid) ? record : null
    },
    async dispose() {
      await Promise.all([...written].map((path) => rm(path, { force: true })))
      written.clear()
    },
  }
}

function parse(text: string): ServeRecord | null {
  try {
    return shape.parse(JSON.parse(text))
  } catch {
    return null
  }
}

function portOf(url: string): string {
  const { port, protocol } = new URL(url)
  return port !== '' ? port : protocol === 'https:' ? '443' : '80'
}

function isLocal(url: string): boolean {
  const { hostname, protocol } = new URL(url)
  return protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1')
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
