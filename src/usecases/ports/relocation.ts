import type { Relocation } from '../../contract/store.js'
import type { OnProgress } from '../../domain/progress.js'
import type { StoreAddress } from '../../domain/store-address.js'

/** Where a SQLite store says that its files are. */
export interface StoreRelocation {
  /** Reads only, and checks that the files are there. */
  plan(request: { store: StoreAddress }, onProgress: OnProgress): Promise<Relocation>
  /** Makes a backup, then writes the new places in one step; null without anything to do. */
  apply(
    request: { store: StoreAddress; waitSeconds: number },
    onProgress: OnProgress,
  ): Promise<Relocation & { backup: string | null }>
}
