import type { OnProgress } from '../../domain/progress.js'
import type { StoreAddress } from '../../domain/store-address.js'
import { ChurnOpsError } from '../../errors.js'
import type { StoreInspector } from '../ports/recovery.js'
import type { Journal, Registry } from '../ports/registry.js'
import { mendRegistry } from './mend-registry.js'

/**
 * Puts everything right that a kill, a crash or a hand in the registry left wrong and that needs no decision; a second
 * time it finds nothing to do.
 *
 * @returns what was repaired, a sentence each
 * @throws ChurnOpsError `BUSY` or of the store
 */
export async function mendStore(
  store: StoreAddress,
  options: { actor: string; waitSeconds: number },
  ports: { registry: Registry; journal: Journal; inspector: StoreInspector; onProgress: OnProgress },
): Promise<string[]> {
  const { waitSeconds } = options
  const ended = await ports.inspector.mend({ store, waitSeconds }, ports.onProgress)
  try {
    return [...ended, ...(await mendRegistry(store, options, ports))]
  } catch (error) {
    // Without a version there is nothing in the registry that could disagree.
    if (error instanceof ChurnOpsError && error.code === 'NO_VERSIONS') return ended
    throw error
  }
}
