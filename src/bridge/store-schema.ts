import type { StoreSchema } from '../usecases/ports/upgrade.js'
import type { AskPython } from './ask-python.js'

/** The schema of the store's database, read and upgraded behind the bridge. */
export function createStoreSchema(ask: AskPython): StoreSchema {
  return {
    check: async (store) => {
      await ask('store.schema', { store })
    },
    upgrade: (request, onProgress) => ask('store.upgrade', request, { onProgress }),
  }
}
