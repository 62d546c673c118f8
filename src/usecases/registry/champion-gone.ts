import { mergeEntries, rollbackTarget } from '../../domain/registry/champion-history.js'
import { wentLive } from '../../domain/registry/journal-entry.js'
import type { ModelVersion } from '../../domain/registry/model-version.js'
import type { StoreAddress } from '../../domain/store-address.js'
import { ChurnOpsError } from '../../errors.js'
import type { Journal, Registry } from '../ports/registry.js'

/**
 * Stops when there was a champion and it is gone: with nothing to compare, no gate protects production.
 *
 * @throws ChurnOpsError `CHAMPION_GONE`.
 */
export async function refuseWhenChampionIsGone(
  store: StoreAddress,
  versions: readonly ModelVersion[],
  ports: { registry: Pick<Registry, 'journal'>; journal: Pick<Journal, 'read'> },
): Promise<void> {
  const entries = mergeEntries(
    (await ports.journal.read()).entries.filter(({ model }) => model === undefined || model === store.model),
    await ports.registry.journal(store),
  )
  const last = entries.filter(wentLive).at(-1)
  if (last === undefined) return
  const target = rollbackTarget(entries, versions, last.version)
  const isThere = versions.some(({ version }) => version === last.version)
  throw new ChurnOpsError('CHAMPION_GONE', {
    message: `The champion, version ${last.version} of ${store.model}, ${isThere ? 'has lost its alias and its stage' : 'was deleted'}; no version is in production. Nothing was moved.`,
    hint: isThere
      ? 'Run `churn-ops doctor --fix`, which puts it back.'
      : target === null
        ? 'Choose a version from `churn-ops models` and run `churn-ops rollback --to VERSION`.'
        : `Run \`churn-ops rollback\`, which puts version ${target} into production.`,
    details: { champion: last.version, lastGood: target },
  })
}
