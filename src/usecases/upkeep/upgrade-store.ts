import type { StoreUpgrade } from '../../contract/store.js'
import type { OnProgress } from '../../domain/progress.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { StoreSchema } from '../ports/upgrade.js'

/**
 * Upgrades the store's schema when it is older than ours, after a backup; nothing else ever does.
 *
 * @returns what was done, and the sentence that says so
 * @throws ChurnOpsError `STORE_SCHEMA` for a newer store and for an upgrade that fails, `USAGE` for a store behind HTTP,
 * `BUSY`, `STORE_UNREACHABLE`, `NO_VERSIONS` or `NOT_WRITABLE`.
 */
export async function upgradeStore(
  request: { store: StoreAddress; waitSeconds: number },
  ports: { schema: Pick<StoreSchema, 'upgrade'>; onProgress: OnProgress },
): Promise<{ upgrade: StoreUpgrade; sentence: string }> {
  const upgrade = await ports.schema.upgrade(request, ports.onProgress)
  return { upgrade, sentence: describeUpgrade(upgrade) }
}

/** An upgrade in one or two sentences. */
export function describeUpgrade({ upgraded, from, to, backup }: StoreUpgrade): string {
  if (from === null) return 'There is nothing to upgrade: the database has no tables yet.'
  if (!upgraded) return `There is nothing to upgrade: the store already has the schema ${to}.`
  return `The store was upgraded from schema ${from} to ${to}. The backup is ${backup}; keep it until everything works.`
}
