import type { PromotionMove } from '../promotion/promotion-policy.js'
import { aliasedChampion, championOf } from './champion.js'
import type { JournalEntry } from './journal-entry.js'
import { wentLive } from './journal-entry.js'
import type { ModelVersion } from './model-version.js'

/** What does not fit together in the registry, and the moves that repair it. */
export interface Disagreements {
  problems: string[]
  moves: PromotionMove[]
  /** The version that should have the alias; null when that cannot be known. */
  champion: string | null
  previous: string | null
}

/**
 * Compares alias, stages and tags. The alias is the truth; where it is gone, the last version that went live by the
 * journal, else the only one in stage Production.
 */
export function findDisagreements(
  versions: readonly ModelVersion[],
  entries: readonly JournalEntry[],
): Disagreements {
  const holder = aliasedChampion(versions)
  const lastLive = entries.filter(wentLive).at(-1)?.version
  const recorded = versions.find(({ version }) => version === lastLive) ?? null
  const champion = holder ?? recorded ?? (lastLive === undefined ? championOf(versions) : null)
  const problems: string[] = []
  const moves: PromotionMove[] = []
  if (holder === null && champion !== null)
    problems.push(`the alias champion is missing; version ${champion.version} should have it`)
  if (champion === null && lastLive !== undefined)
    problems.push(`version ${lastLive} was in production and is deleted`)
  for (const version of versions) {
    const wanted = wantedStage(version, champion)
    if (version.stage !== wanted) {
      problems.push(`version ${version.version} is in stage ${version.stage} and should be in ${wanted}`)
      moves.push(moveOf(version, wanted))
    }
    if (version.unfinished.length > 0)
      problems.push(
        `a move of version ${version.version}, begun at ${version.unfinished[0]}, was never finished`,
      )
  }
  const previous = versions.find(({ aliases }) => aliases.includes('previous'))?.version ?? null
  return { problems, moves, champion: champion?.version ?? null, previous }
}

function wantedStage(version: ModelVersion, champion: ModelVersion | null): ModelVersion['stage'] {
  if (version === champion) return 'Production'
  const recorded = version.recordedStage
  // Nobody but the champion is in production, whatever the tags say.
  if (recorded !== null && recorded !== 'Production') return recorded
  return version.stage === 'Production' ? 'Archived' : version.stage
}

function moveOf(version: ModelVersion, to: ModelVersion['stage']): PromotionMove {
  const reason =
    to === 'Production'
      ? (version.reason ?? 'it has the alias champion')
      : `stage restored by doctor: it was ${version.stage}, which contradicts alias and tags`
  return {
    version: version.version,
    from: version.stage,
    to,
    reason,
    f1: version.f1,
    rankedBy: 'alias',
    rank: null,
  }
}
