import { ChurnOpsError } from '../../errors.js'
import type { ModelVersion } from './model-version.js'
import { CHAMPION_ALIAS } from './stage.js'

/** The version that holds the champion's alias; null when none does. */
export function aliasedChampion(versions: readonly ModelVersion[]): ModelVersion | null {
  return versions.find(({ aliases }) => aliases.includes(CHAMPION_ALIAS)) ?? null
}

/** The live version: the one with the alias, else the newest in stage Production; null when there is none. */
export function championOf(versions: readonly ModelVersion[]): ModelVersion | null {
  const holder = aliasedChampion(versions)
  if (holder !== null) return holder
  const staged = versions.filter((version) => version.stage === 'Production')
  staged.sort((a, b) => Number(b.version) - Number(a.version))
  return staged[0] ?? null
}

/**
 * The live version.
 *
 * @throws ChurnOpsError `NO_CHAMPION` when no version is in production.
 */
export function requireChampion(versions: readonly ModelVersion[], model: string): ModelVersion {
  const champion = championOf(versions)
  if (champion !== null) return champion
  throw new ChurnOpsError('NO_CHAMPION', {
    message:
      versions.length === 0
        ? `The registry has no version of ${model}, so none is in production.`
        : `None of the ${versions.length} versions of ${model} is in production.`,
    hint:
      versions.length === 0 ? 'Run `churn-ops train`, then `churn-ops promote`.' : 'Run `churn-ops promote`.',
    details: { model, versions: versions.length },
  })
}
