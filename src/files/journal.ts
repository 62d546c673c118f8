import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type JournalEntry, journalEntrySchema } from '../domain/registry/journal-entry.js'
import type { Journal } from '../usecases/ports/registry.js'
import { storeName } from './store-name.js'

/**
 * The readable journal: one JSON object a line, only ever appended to.
 *
 * @param trackingUri the store that the entries are of: several may share a state folder
 */
export function createJournal(stateFolder: string, trackingUri: string): Journal {
  const store = storeName(trackingUri)
  const path = join(stateFolder, 'journal.jsonl')
  return {
    async append(entries) {
      if (entries.length === 0) return
      await mkdir(stateFolder, { recursive: true, mode: 0o700 })
      const text = await readFile(path, 'utf8').catch(() => '')
      // A line that a crash tore must not swallow the next one.
      const separator = text === '' || text.endsWith('\n') ? '' : '\n'
      const file = await open(path, 'a', 0o600)
      try {
        await file.appendFile(
          separator + entries.map((each) => `${JSON.stringify({ ...each, store })}\n`).join(''),
        )
        await file.sync()
      } finally {
        await file.close()
      }
    },
    async read() {
      const text = await readFile(path, 'utf8').catch(() => '')
      const entries: JournalEntry[] = []
      const unreadable: number[] = []
      for (const [place, line] of text.split('\n').entries()) {
        if (line === '') continue
        const read = parseLine(line)
        if (read === null) unreadable.push(place + 1)
        else if (read.store === undefined || read.store === store) entries.push(read.entry)
      }
      return { entries, unreadable }
    },
  }
}

// Lines of older releases do not name their store.
const lineSchema = journalEntrySchema.extend({ store: z.string().optional() })

// The last line may be torn by a crash; the tags of the versions still hold the whole of it.
function parseLine(line: string): { entry: JournalEntry; store: string | undefined } | null {
  try {
    const read = lineSchema.safeParse(JSON.parse(line))
    if (!read.success) return null
    const { store, ...entry } = read.data
    return { entry, store }
  } catch {
    return null
  }
}
