import { ChurnOpsError } from '../../errors.js'
import { aliasedChampion, championOf } from '../registry/champion.js'
import type { ModelVersion } from '../registry/model-version.js'
import type { Stage } from '../registry/stage.js'
import { isEligible, whyNotEligible } from './challenger.js'

/** What should happen to one version, and why. */
export interface PromotionMove {
  version: string
  from: Stage
  to: Stage
  reason: string
  /** F1 on the held-out rows; null means not measured. */
  f1: number | null
  /** The metric that ranks this version. */
  rankedBy: string
  /** 1 is the best; null when not measured. */
  rank: number | null
}

/** A plan for every version of a model; nothing is done yet. */
export interface PromotionPlan {
  policy: string
  moves: PromotionMove[]
  champion: { version: string; f1: number | null; previous: string | null }
  /** Version that holds the alias now. */
  holder: string | null
}

/** The documents' floor: F1 strictly over it goes to Staging. */
export const DOCUMENTS_FLOOR = 0.56

const RANKED_BY = 'f1_score'

/**
 * The documents' rule: F1 over 0.56 → Staging, else Archived, the highest → Production.
 * A version without F1 is not measured and is never compared; equal F1 keeps the champion, else the oldest wins.
 * A version that was rolled back is Archived, unless `allowed` names it; so is a duplicate of another version.
 *
 * @throws ChurnOpsError `NO_VERSIONS` or `NO_MEASURED_VERSION`.
 */
export function planByDocuments(
  versions: readonly ModelVersion[],
  model: string,
  allowed: readonly string[] = [],
): PromotionPlan {
  if (versions.length === 0) throw noVersions(model)
  const current = championOf(versions)
  const ranked = rankByF1(
    versions.filter((version) => isEligible(version, allowed)),
    current,
  )
  const best = ranked[0]
  if (best === undefined) throw notMeasured(model, versions.length)
  const moves = versions.map((version) => moveOf(version, ranked, best))
  const unchanged = current?.version === best.version
  const before = unchanged
    ? (versions.find((version) => version.aliases.includes('previous')) ?? null)
    : current
  return {
    policy: 'documents',
    moves,
    champion: { version: best.version, f1: best.f1, previous: before?.version ?? null },
    holder: aliasedChampion(versions)?.version ?? null,
  }
}

function rankByF1(versions: readonly ModelVersion[], current: ModelVersion | null): ModelVersion[] {
  const isCurrent = (version: ModelVersion): number => (version.version === current?.version ? 0 : 1)
  return versions
    .filter((version) => version.f1 !== null)
    .sort(
      (a, b) =>
        (b.f1 ?? 0) - (a.f1 ?? 0) || isCurrent(a) - isCurrent(b) || Number(a.version) - Number(b.version),
    )
}

function moveOf(version: ModelVersion, ranked: ModelVersion[], best: ModelVersion): PromotionMove {
  const place = ranked.indexOf(version)
  const facts = {
    version: version.version,
    from: version.stage,
    f1: version.f1,
    rankedBy: RANKED_BY,
    rank: place < 0 ? null : place + 1,
  }
  if (version.f1 === null && version.duplicateOf === null) {
    const leaves = version.stage === 'Production'
    const to = leaves ? 'Archived' : version.stage
    return { ...facts, to, reason: `not measured: its run has no ${RANKED_BY}` }
  }
  if (place < 0 || version.f1 === null) return { ...facts, to: 'Archived', reason: whyNotEligible(version) }
  const f1 = version.f1.toFixed(4)
  if (version === best) {
    return {
      ...facts,
      to: 'Production',
      reason: `highest ${RANKED_BY} of ${ranked.length} measured versions: ${f1}`,
    }
  }
  return version.f1 > DOCUMENTS_FLOOR
    ? { ...facts, to: 'Staging', reason: `${RANKED_BY} ${f1} is over ${DOCUMENTS_FLOOR}` }
    : { ...facts, to: 'Archived', reason: `${RANKED_BY} ${f1} is not over ${DOCUMENTS_FLOOR}` }
}

/** The error when there is nothing to promote. */
export function noVersions(model: string): ChurnOpsError {
  return new ChurnOpsError('NO_VERSIONS', {
    message: `The registry has no version of ${model}; nothing was moved.`,
    hint: 'Run `churn-ops train` first.',
    details: { model },
  })
}

/** The error when no version can be ranked. */
export function notMeasured(model: string, count: number, metric = RANKED_BY): ChurnOpsError {
  return new ChurnOpsError('NO_MEASURED_VERSION', {
    message: `None of the ${count} versions of ${model} has an ${metric}; nothing was moved.`,
    hint: 'Run `churn-ops train`, which measures every version it registers.',
    details: { model, versions: count },
  })
}
