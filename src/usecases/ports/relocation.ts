import type { OnProgress } from '../../domain/progress.js'
import type { StoreAddress } from '../../domain/store-address.js'

/** What is to be written so that a moved or copied store names the files that lie beside it. */
export interface Relocation {
  /** Folders that the store names. */
  from: string[]
  /** The folder of the database. */
  to: string
  /** How many rows name a place in `from`, by `TABLE.COLUMN`. */
  places: Record<string, number>
  /** Nothing is to be written. */
  isEmpty: boolean
  /** Files that are missing or damaged, and no better at the old place. */
  warnings: string[]
}

/** Where a SQLite store says that its files lie. */
export interface StoreRelocation {
  /** Reads only, and checks that the files are there. */
  plan(request: { store: StoreAddress }, onProgress: OnProgress): Promise<Relocation>
  /** Makes a back-up, then writes the new places in one step; null without anything to do. */
  apply(
    request: { store: StoreAddress; waitSeconds: number },
    onProgress: OnProgress,
  ): Promise<Relocation & { backup: string | null }>
}
