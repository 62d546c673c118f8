import { aliasedChampion } from '../registry/champion.js'
import type { ModelVersion } from '../registry/model-version.js'
import { SEARCH_RANKING } from '../search/search-ranking.js'
import { isEligible, whyNotEligible } from './challenger.js'
import { type GateResult, type PairedComparison, signed } from './gate.js'
import type { PolicyRules } from './policy.js'
import type { PromotionMove, PromotionPlan } from './promotion-policy.js'

const RANKED_BY = SEARCH_RANKING.metric

/** What the plan of the gated policy rests on. */
export interface GatedFacts {
  versions: readonly ModelVersion[]
  /** The latest search, best first. */
  ranked: readonly ModelVersion[]
  champion: ModelVersion | null
  challenger: ModelVersion | null
  /** Null when there was nothing to compare. */
  gate: GateResult | null
  /** Every compared version against the one that will be in production. */
  compared: ReadonlyMap<string, PairedComparison | { problem: string }>
  allowed: readonly string[]
  policy: string
  rules: PolicyRules
}

/** The version that is in production when the gate has spoken; null when there is none to choose. */
export function inProduction(
  facts: Pick<GatedFacts, 'champion' | 'challenger' | 'gate'>,
): ModelVersion | null {
  if (facts.champion === null || facts.gate?.promotes === true) return facts.challenger
  return facts.champion
}

/**
 * The documents' three stages, made to mean something: Production by the gate, Archived what is under the floor or worse
 * beyond doubt, Staging the rest. Without enough data to judge, nothing moves.
 */
export function planGated(facts: GatedFacts, live: ModelVersion): PromotionPlan {
  const { versions, gate, champion } = facts
  const held = gate?.outcome === 'not-enough-data'
  const moves = versions.map((version) => {
    const place = facts.ranked.indexOf(version)
    const target = held
      ? { to: version.stage, reason: 'nothing moves: not enough data to judge' }
      : targetOf(version, live, facts)
    return {
      version: version.version,
      from: version.stage,
      f1: version.f1,
      rankedBy: RANKED_BY,
      rank: place < 0 ? null : place + 1,
      ...target,
    }
  })
  const unchanged = champion?.version === live.version
  const before = unchanged
    ? (versions.find((version) => version.aliases.includes('previous')) ?? null)
    : champion
  return {
    policy: facts.policy,
    moves,
    champion: { version: live.version, f1: live.f1, previous: before?.version ?? null },
    holder: aliasedChampion(versions)?.version ?? null,
  }
}

type Target = Pick<PromotionMove, 'to' | 'reason'>

function targetOf(version: ModelVersion, live: ModelVersion, facts: GatedFacts): Target {
  const { rules, gate, champion } = facts
  if (version === live) return { to: 'Production', reason: whyLive(version, facts) }
  if (!isEligible(version, facts.allowed)) return { to: 'Archived', reason: whyNotEligible(version) }
  if (version.f1 === null) {
    const to = version.stage === 'Production' ? 'Archived' : version.stage
    return { to, reason: 'not measured: its run has no f1_score' }
  }
  const wasLive = version === champion && gate?.promotes === true
  if (version.stage === 'Archived' && !wasLive) {
    return { to: 'Archived', reason: version.reason ?? 'archived before' }
  }
  const f1 = version.f1.toFixed(4)
  if (version.f1 <= rules.floor) {
    return { to: 'Archived', reason: `f1_score ${f1} is not over the floor ${rules.floor}` }
  }
  return againstLive(facts.compared.get(version.version), f1, live, rules)
}

function whyLive(version: ModelVersion, { champion, gate, ranked }: GatedFacts): string {
  if (version === champion) return version.reason ?? 'champion'
  if (gate !== null) return gate.reason
  return `first champion: best ${RANKED_BY} of ${ranked.length} versions of the latest search, ${version.f1Oof?.toFixed(4)}`
}

function againstLive(
  compared: PairedComparison | { problem: string } | undefined,
  f1: string,
  live: ModelVersion,
  rules: PolicyRules,
): Target {
  const over = `f1_score ${f1} is over the floor ${rules.floor}`
  if (compared !== undefined && 'problem' in compared) {
    return { to: 'Archived', reason: `cannot be compared: ${compared.problem}` }
  }
  const comparison = compared?.comparison ?? null
  if (compared === undefined || comparison === null || compared.churnedCustomers < rules.minChurners) {
    return {
      to: 'Staging',
      reason: `${over}; too few common rows to compare it with version ${live.version}`,
    }
  }
  const [low, high] = comparison.interval
  const interval = `95 % interval ${signed(low)} to ${signed(high)} on ${compared.rows} rows`
  if (high < 0) {
    return {
      to: 'Archived',
      reason: `${rules.metric} is lower than that of version ${live.version}: ${interval}`,
    }
  }
  return {
    to: 'Staging',
    reason: `${over} and not clearly lower than version ${live.version}: ${interval}`,
  }
}

/** One line when another version of the first search has the highest test F1; null when the chosen one has it. */
export function whyNotTheHighest(facts: GatedFacts, live: ModelVersion): string | null {
  if (facts.champion !== null) return null
  const highest = facts.ranked.reduce(
    (best, version) => ((version.f1 ?? 0) > (best.f1 ?? 0) ? version : best),
    live,
  )
  if (highest === live) return null
  return `Version ${highest.version} has the highest test F1 (${highest.f1?.toFixed(4)} against ${live.f1?.toFixed(4) ?? 'none'}); it is not chosen, because the highest of ${facts.ranked.length} scores on the same test rows is partly luck, and ${RANKED_BY} does not use those rows.`
}
