import type { CheckedTable } from '../../contract/table.js'
import type { OnProgress } from '../../domain/progress.js'
import { type Refusal, refusalOf, withPermission } from '../../domain/promotion/going-live.js'
import { type PolicyRules, policyRules } from '../../domain/promotion/policy.js'
import type { SkillFacts } from '../../domain/promotion/skill.js'
import { championOf } from '../../domain/registry/champion.js'
import type { ModelVersion } from '../../domain/registry/model-version.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { Comparer } from '../ports/promotion.js'
import type { Decision } from './decision.js'

/** A decision along with what its new champion shows of skill. */
export interface Checked {
  decision: Decision
  /** Null when no other version would go live, or when it has no stored answers. */
  skill: SkillFacts | null
  /** Null when nothing keeps the plan from being carried out. */
  refusal: Refusal | null
}

/** Has the version that would go live judged by itself: being better than the champion is not being good. */
export async function checkGoingLive(
  decision: Decision,
  input: {
    store: StoreAddress
    rules: PolicyRules | null
    fresh: CheckedTable | null
    /** Why a version without skill may go live; null when it may not. */
    allowNoSkill: string | null
  },
  versions: readonly ModelVersion[],
  ports: { comparer: () => Promise<Comparer>; onProgress: OnProgress },
): Promise<Checked> {
  const { plan, gate, notes } = decision
  const current = championOf(versions)
  const { version } = plan.champion
  if (version === current?.version || gate?.outcome === 'not-enough-data')
    return { decision, skill: null, refusal: null }
  const { draws, seed } = input.rules ?? policyRules.parse({})
  const facts = await (await ports.comparer()).skill(
    { store: input.store, version, fresh: input.fresh, draws, seed },
    ports.onProgress,
  )
  if ('problem' in facts) {
    const note = `It is not known whether version ${version} has any skill: ${facts.problem}.`
    return { decision: { ...decision, notes: [...notes, note] }, skill: null, refusal: null }
  }
  // Who chooses the documents' plain rule gets it, unless nothing at all speaks for the version.
  const signs = input.rules === null ? 'any' : 'both'
  const refusal = refusalOf(version, facts, current === null ? input.rules : null, signs)
  if (refusal === null) return { decision, skill: facts, refusal }
  if (input.allowNoSkill !== null) {
    const allowed = withPermission(plan, refusal, input.allowNoSkill)
    const note = `Version ${version} goes live anyway: ${refusal.reason}.`
    return { decision: { ...decision, plan: allowed, notes: [...notes, note] }, skill: facts, refusal: null }
  }
  return { decision: { ...decision, notes: [...notes, refusal.hint] }, skill: facts, refusal }
}
