import type { StoreRelocation } from '../usecases/ports/relocation.js'
import type { AskPython } from './ask-python.js'

/** The places of a store's files, planned and written behind the bridge. */
export function createStoreRelocation(ask: AskPython): StoreRelocation {
  return {
    plan: (request, onProgress) => ask('store.relocation', request, { onProgress }),
    apply: (request, onProgress) => ask('store.relocate', request, { onProgress }),
  }
}
