import type { OnProgress } from '../../domain/progress.js'
import type { Inventory } from '../../domain/registry/prune-plan.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { ErrorCode } from '../../errors.js'

/** What checking one invariant of the store gave. */
export interface Finding {
  /** `I1` to `I10`. */
  invariant: string
  ok: boolean
  message: string
  /** Versions, runs or paths that it is about; a finding that is ok and has some is worth knowing. */
  subjects: string[]
  /** The error code behind a broken one. */
  code: ErrorCode | null
  /** The command that mends it, where it depends on what is broken. */
  cure?: string | undefined
}

/** Looks at the store as a whole, and mends what needs no decision. */
export interface StoreInspector {
  /** Reads only. */
  check(store: StoreAddress, onProgress: OnProgress): Promise<Finding[]>
  /** Ends runs of dead processes, marks doubles of a key, removes files of dead processes; a sentence each. */
  mend(request: { store: StoreAddress; waitSeconds: number }, onProgress: OnProgress): Promise<string[]>
}

export interface PruneRequest {
  store: StoreAddress
  versions: string[]
  /** Ids of logged models without a version. */
  models: string[]
  /** Ids of runs of searches. */
  searches: string[]
  /** Work folders of trainings. */
  folders: string[]
  waitSeconds: number
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
