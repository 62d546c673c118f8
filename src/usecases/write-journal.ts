import type { JournalEntry } from '../domain/journal-entry.js'
import type { Journal } from './ports.js'

/** Writes moves that are done into the journal file; the tags hold them already, so a failure is a note. */
export async function writeJournal(
  journal: Pick<Journal, 'append'>,
  entries: JournalEntry[],
): Promise<string[]> {
  try {
    await journal.append(entries)
    return []
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return [
      `The journal file was not written (${why}); the tags of the versions hold the moves, \`churn-ops doctor --fix\` writes them later.`,
    ]
  }
}
