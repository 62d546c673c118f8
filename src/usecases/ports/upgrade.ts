import type { StoreUpgrade } from '../../contract/store.js'
import type { OnProgress } from '../../domain/progress.js'
import type { StoreAddress } from '../../domain/store-address.js'

/** The schema of the store's database. */
export interface StoreSchema {
  /** Refuses a database of another schema than ours: some of MLflow's own programs would upgrade it unasked. */
  check(store: StoreAddress): Promise<void>
  /** Makes a backup, then upgrades the store. */
  upgrade(
    request: { store: StoreAddress; waitSeconds: number },
    onProgress: OnProgress,
  ): Promise<StoreUpgrade>
}
