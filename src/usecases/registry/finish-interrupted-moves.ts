import type { OnProgress } from '../../domain/progress.js'
import type { JournalEntry } from '../../domain/registry/journal-entry.js'
import type { ModelVersion } from '../../domain/registry/model-version.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { Registry } from '../ports/registry.js'

/** The versions with no move half done, and what had to be finished for it. */
export interface VersionsAtRest {
  versions: ModelVersion[]
  /** `done` where the alias had moved already, else `abandoned`. */
  finished: JournalEntry[]
  notes: string[]
}

/**
 * Reads the versions, after moves that a killed command left half done have been finished: a plan is made on what was
 * meant, not on what the kill left. A dry run changes nothing and only tells of them.
 *
 * @throws ChurnOpsError `BUSY` when another process may still be at a move, or of the store.
 */
export async function finishInterruptedMoves(
  input: { store: StoreAddress; waitSeconds: number; dryRun: boolean },
  ports: { registry: Registry; onProgress: OnProgress },
): Promise<VersionsAtRest> {
  const { store, waitSeconds, dryRun } = input
  const versions = await ports.registry.versions(store, true)
  const cutOff = versions.filter(({ unfinished }) => unfinished.length > 0)
  if (cutOff.length === 0) return { versions, finished: [], notes: [] }
  if (dryRun) {
    const notes = cutOff.map(
      ({ version }) =>
        `A move of version ${version} was interrupted; without --dry-run it would be finished first.`,
    )
    return { versions, finished: [], notes }
  }
  const finished = await ports.registry.finish({ store, waitSeconds }, ports.onProgress)
  return { versions: await ports.registry.versions(store), finished, notes: finished.map(describe) }
}

function describe({ action, version, at, state }: JournalEntry): string {
  const what = `The ${action} of version ${version}, begun at ${at}, had been interrupted`
  return state === 'done'
    ? `${what}; it was finished first.`
    : `${what} before anything went live; it was abandoned first.`
}
