import { z } from 'zod'
import type { Pruner } from '../usecases/ports/recovery.js'
import type { CallPython } from './python-process.js'

const versionFacts = z.object({
  version: z.string(),
  made: z.boolean(),
  search: z.string().nullable(),
  split: z.string().nullable(),
  bytes: z.number(),
  usedBy: z.string().nullable(),
  servedBy: z.int().nullable(),
  busy: z.boolean(),
})

const aged = { id: z.string(), busy: z.boolean(), ageDays: z.number(), bytes: z.number() }

const inventory = z.object({
  versions: z.array(versionFacts),
  models: z.array(z.object({ ...aged, status: z.string(), whole: z.boolean(), pruned: z.boolean() })),
  searches: z.array(
    z.object({
      ...aged,
      versions: z.array(z.string()),
      waiting: z.boolean(),
      latest: z.boolean(),
      pruned: z.boolean(),
    }),
  ),
  folders: z.array(z.object(aged)),
})

const pruned = z.object({
  deleted: z.array(z.string()),
  freedBytes: z.number(),
  skipped: z.array(z.string()),
})

/** Deleting versions and leftovers behind the bridge. */
export function createPruner(call: CallPython): Pruner {
  return {
    inventory: (store, onProgress) => call('prune.inventory', { store }, inventory, { onProgress }),
    apply: (request, onProgress) => call('prune.apply', request, pruned, { onProgress }),
  }
}
