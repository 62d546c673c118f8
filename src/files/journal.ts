import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { JournalEntry } from '../domain/journal-entry.js'
import type { Journal } from '../usecases/ports.js'

const entry = z.object({
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  version: z.string(),
  previous: z.string().nullable(),
  from: z.string(),
  to: z.string(),
  reason: z.string(),
  policy: z.string(),
  state: z.string().optional(),
})

/** The readable journal: one JSON object a line, only ever appended to. */
export function createJournal(stateFolder: string): Journal {
  const path = join(stateFolder, 'journal.jsonl')
  return {
    async append(entries) {
      if (entries.length === 0) return
      await mkdir(stateFolder, { recursive: true })
      await appendFile(path, entries.map((each) => `${JSON.stringify(each)}\n`).join(''), { mode: 0o600 })
    },
    async read() {
      const text = await readFile(path, 'utf8').catch(() => '')
      return text.split('\n').flatMap(parseLine)
    },
  }
}

// The last line may be torn by a crash; the tags of the versions still hold the whole of it.
function parseLine(line: string): JournalEntry[] {
  try {
    const read = entry.safeParse(JSON.parse(line))
    return read.success ? [read.data] : []
  } catch {
    return []
  }
}
