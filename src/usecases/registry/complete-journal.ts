import type { StoreAddress } from '../../domain/store-address.js'
import type { Journal, Registry } from '../ports/registry.js'
import { missingIn } from './history.js'

/**
 * Writes every move that the tags tell of and the journal file lacks: those just made, and those of a command that was
 * killed before it could write them. The tags hold them already, so a failure is a note.
 */
export async function completeJournal(
  store: StoreAddress,
  ports: { registry: Pick<Registry, 'journal'>; journal: Journal },
): Promise<string[]> {
  try {
    const tagged = await ports.registry.journal(store)
    const { entries } = await ports.journal.read()
    const own = entries.filter(({ model }) => model === undefined || model === store.model)
    await ports.journal.append(missingIn(own, tagged))
    return []
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return [
      `The journal file was not written (${why}); the moves are in the tags of the versions, and \`churn-ops doctor --fix\` writes them later.`,
    ]
  }
}
