import { z } from 'zod'
import { type ErrorCode, isErrorCode } from '../errors.js'
import type { StoreInspector } from '../usecases/ports/recovery.js'
import type { CallPython } from './python-process.js'

const finding = z.object({
  invariant: z.string(),
  ok: z.boolean(),
  message: z.string(),
  subjects: z.array(z.string()),
  code: z.custom<ErrorCode>((code) => typeof code === 'string' && isErrorCode(code)).nullable(),
  cure: z.string().optional(),
})

/** The invariants of the store, and their mending, behind the bridge. */
export function createStoreInspector(call: CallPython): StoreInspector {
  return {
    check: (store, onProgress) => call('store.check', { store }, z.array(finding), { onProgress }),
    mend: (request, onProgress) => call('store.mend', request, z.array(z.string()), { onProgress }),
  }
}
