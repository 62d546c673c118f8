import { entryKey, liveAt, mergeEntries } from '../../domain/registry/champion-history.js'
import type { JournalEntry } from '../../domain/registry/journal-entry.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { Journal, Registry } from '../ports/registry.js'

export interface HistoryResult {
  /** The oldest first. */
  entries: JournalEntry[]
  /** With a moment: the version that was live then, null when none was. */
  live?: { version: string; since: string } | null
  warnings: string[]
}

/**
 * Every move of a model's versions: the journal file and the versions' tags as one history. A line that a crash tore is
 * told of, and the tags stand in for it; entries of deleted versions live in the file alone.
 */
export async function history(
  store: StoreAddress,
  at: Date | null,
  ports: { registry: Pick<Registry, 'journal'>; journal: Pick<Journal, 'read'> },
): Promise<HistoryResult> {
  const [written, tagged] = await Promise.all([ports.journal.read(), ports.registry.journal(store)])
  const own = written.entries.filter(({ model }) => model === undefined || model === store.model)
  const entries = mergeEntries(own, tagged)
  const warnings = written.unreadable.map((line) => `Line ${line} of the journal file cannot be read.`)
  const missing = missingIn(own, tagged).length
  if (missing > 0) {
    warnings.push(
      `${missing} moves are in the tags of the versions but not in the journal file; \`churn-ops doctor --fix\` adds them.`,
    )
  }
  return { entries, ...(at === null ? {} : { live: liveAt(entries, at) }), warnings }
}

/** Entries of the tags that the journal file does not have; a move that was only begun is not an entry yet. */
export function missingIn(written: readonly JournalEntry[], tagged: readonly JournalEntry[]): JournalEntry[] {
  const known = new Set(written.map(entryKey))
  return tagged.filter((entry) => entry.state !== 'intent' && !known.has(entryKey(entry)))
}
