import type { Relocation } from '../../contract/store.js'
import type { OnProgress } from '../../domain/progress.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { StoreRelocation } from '../ports/relocation.js'

export interface RelocateInput {
  store: StoreAddress
  waitSeconds: number
  /** Asks whether the plan may be carried out. */
  confirm: (plan: Relocation) => Promise<boolean>
}

/** A relocation and what came of it. */
export interface RelocateResult extends Relocation {
  /** Absolute path of the copy that was made before; null when nothing was written. */
  backup: string | null
  relocated: boolean
}

/**
 * Makes a moved, copied or restored store name the files that are next to it, after a question and a backup; a second time
 * there is nothing to do.
 *
 * @throws ChurnOpsError `STORE_MOVED` when the files are not there, `USAGE` for another store than SQLite, `BUSY`,
 * `STORE_SCHEMA`, `NO_VERSIONS` or `NOT_WRITABLE`; the store is then as it was.
 */
export async function relocateStore(
  input: RelocateInput,
  ports: { relocation: StoreRelocation; onProgress: OnProgress },
): Promise<RelocateResult> {
  const { store, waitSeconds } = input
  const plan = await ports.relocation.plan({ store }, ports.onProgress)
  if (plan.isEmpty || !(await input.confirm(plan))) return { ...plan, backup: null, relocated: false }
  const done = await ports.relocation.apply({ store, waitSeconds }, ports.onProgress)
  return { ...done, relocated: done.backup !== null }
}
