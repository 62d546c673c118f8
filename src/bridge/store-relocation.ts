import { z } from 'zod'
import type { StoreRelocation } from '../usecases/ports/relocation.js'
import type { CallPython } from './python-process.js'

const relocation = z.object({
  from: z.array(z.string()),
  to: z.string(),
  places: z.record(z.string(), z.int()),
  isEmpty: z.boolean(),
  warnings: z.array(z.string()),
})

/** The places of a store's files, planned and written behind the bridge. */
export function createStoreRelocation(call: CallPython): StoreRelocation {
  return {
    plan: (request, onProgress) => call('store.relocation', request, relocation, { onProgress }),
    apply: (request, onProgress) =>
      call('store.relocate', request, relocation.extend({ backup: z.string().nullable() }), { onProgress }),
  }
}
