import type { Pruner } from '../usecases/ports/recovery.js'
import type { AskPython } from './ask-python.js'

/** Deleting versions and leftovers behind the bridge. */
export function createPruner(ask: AskPython): Pruner {
  return {
    inventory: (store, onProgress) => ask('prune.inventory', { store }, { onProgress }),
    apply: (request, onProgress) => ask('prune.apply', request, { onProgress }),
  }
}
