import type { Finding, PruneRequest } from '../../contract/upkeep.js'
import type { OnProgress } from '../../domain/progress.js'
import type { Inventory } from '../../domain/registry/prune-plan.js'
import type { StoreAddress } from '../../domain/store-address.js'

/** Looks at the store as a whole, and repairs what needs no decision. */
export interface StoreInspector {
  /** Reads only. */
  check(store: StoreAddress, onProgress: OnProgress): Promise<Finding[]>
  /** Ends runs of dead processes, marks duplicates of a key, removes files of dead processes; a sentence each. */
  mend(request: { store: StoreAddress; waitSeconds: number }, onProgress: OnProgress): Promise<string[]>
}

/** Deletes versions with all that belongs to them. */
export interface Pruner {
  inventory(store: StoreAddress, onProgress: OnProgress): Promise<Inventory>
  /** What other processes have taken into use since the plan was made stays, with a sentence in `skipped`. */
  apply(
    request: PruneRequest,
    onProgress: OnProgress,
  ): Promise<{ deleted: string[]; freedBytes: number; skipped: string[] }>
}
