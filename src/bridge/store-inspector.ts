import type { StoreInspector } from '../usecases/ports/recovery.js'
import type { AskPython } from './ask-python.js'

/** The invariants of the store, and their mending, behind the bridge. */
export function createStoreInspector(ask: AskPython): StoreInspector {
  return {
    check: (store, onProgress) => ask('store.check', { store }, { onProgress }),
    mend: (request, onProgress) => ask('store.mend', request, { onProgress }),
  }
}
