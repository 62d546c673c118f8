import type { OnProgress } from '../../domain/progress.js'
import type { StoreAddress } from '../../domain/store-address.js'

/** What came of an upgrade; `from` is null for a database without tables. */
export interface StoreUpgrade {
  upgraded: boolean
  /** Schema revisions, in MLflow's words. */
  from: string | null
  to: string | null
  /** Absolute path of the copy that was made before; null when there was nothing to do. */
  backup: string | null
}

/** The schema of the store's database. */
export interface StoreSchema {
  /** Refuses a database of another schema than ours: some of MLflow's own programs would upgrade it unasked. */
  check(store: StoreAddress): Promise<void>
  /** Makes a back-up, then upgrades the store. */
  upgrade(
    request: { store: StoreAddress; waitSeconds: number },
    onProgress: OnProgress,
  ): Promise<StoreUpgrade>
}
