import { z } from 'zod'
import type { StoreSchema } from '../usecases/ports/upgrade.js'
import type { CallPython } from './python-process.js'

const upgrade = z.object({
  upgraded: z.boolean(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  backup: z.string().nullable(),
})

/** The schema of the store's database, read and upgraded behind the bridge. */
export function createStoreSchema(call: CallPython): StoreSchema {
  return {
    check: async (store) => {
      await call('store.schema', { store }, z.object({}))
    },
    upgrade: (request, onProgress) => call('store.upgrade', request, upgrade, { onProgress }),
  }
}
