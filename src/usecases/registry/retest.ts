import type { Retested } from '../../contract/comparison.js'
import type { CheckedTable } from '../../contract/table.js'
import type { OnProgress } from '../../domain/progress.js'
import { metricOf, type PolicyRules } from '../../domain/promotion/policy.js'
import { noVersions } from '../../domain/promotion/promotion-policy.js'
import { championOf } from '../../domain/registry/champion.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { Comparer } from '../ports/promotion.js'
import type { Registry } from '../ports/registry.js'

/** A version on fresh rows along with what is known of it. */
export type RetestedVersion = Retested & { stage: string; f1: number | null }

export interface RetestResult {
  file: string
  metric: string
  champion: string | null
  versions: RetestedVersion[]
}

/**
 * Scores every living version (all that are not Archived) on fresh labelled rows; nothing is moved.
 *
 * @throws ChurnOpsError `NO_VERSIONS`, or of the store.
 */
export async function retest(
  input: { store: StoreAddress; fresh: CheckedTable; rules: PolicyRules },
  ports: {
    registry: Pick<Registry, 'versions'>
    comparer: () => Promise<Comparer>
    onProgress: OnProgress
  },
): Promise<RetestResult> {
  const { store, fresh, rules } = input
  const versions = await ports.registry.versions(store, true)
  if (versions.length === 0) throw noVersions(store.model)
  const champion = championOf(versions)?.version ?? null
  const living = versions.filter(
    ({ stage, version, duplicateOf }) =>
      (stage !== 'Archived' && duplicateOf === null) || version === champion,
  )
  const request = {
    store,
    versions: living.map(({ version }) => version),
    champion,
    fresh,
    metric: metricOf(rules),
  }
  const { draws, seed, confidence } = rules
  const retested = await (await ports.comparer()).retest(
    { ...request, draws, seed, confidence },
    ports.onProgress,
  )
  const known = new Map(living.map((version) => [version.version, version]))
  return {
    file: fresh.dataset.source ?? fresh.dataset.path,
    metric: rules.metric,
    champion,
    versions: retested
      .map((each) => {
        const version = known.get(each.version)
        return { ...each, stage: version?.stage ?? 'None', f1: version?.f1 ?? null }
      })
      .sort((a, b) => scoreOf(b) - scoreOf(a) || Number(a.version) - Number(b.version)),
  }
}

function scoreOf(each: Retested): number {
  return 'problem' in each ? Number.NEGATIVE_INFINITY : (each.score ?? Number.NEGATIVE_INFINITY)
}
