import type { PolicyRules } from './policy.js'
import type { PromotionMove, PromotionPlan } from './promotion-policy.js'
import { judgeSkill, type SkillFacts } from './skill.js'

/** Why a version that a plan would put live does not go live. */
export interface Refusal {
  outcome: 'no-skill' | 'not-enough-data' | 'under-floor'
  version: string
  reason: string
  /** The one next step. */
  hint: string
}

const MORE_ROWS = 'Supply more labelled customers that it was not trained on: `churn-ops promote --on FILE`'

/**
 * What keeps a version from going live: no skill, whatever the policy; for a first champion, which no gate compares
 * with anything, also too few churned customers to be sure of it, and an F1 that is not over the floor.
 *
 * @param rules those that a first champion must meet; null for a challenger, and under the documents' policy
 * @param signs of skill that the policy asks for
 */
export function refusalOf(
  version: string,
  facts: SkillFacts,
  rules: PolicyRules | null,
  signs: 'both' | 'any',
): Refusal | null {
  const { outcome, reason } = judgeSkill(facts, signs)
  if (outcome === 'no-skill') {
    const hint =
      'Train with columns that predict churn; `churn-ops promote --allow-no-skill REASON` puts it live anyway.'
    return { outcome, version, reason, hint }
  }
  if (outcome === 'not-enough-data') return { outcome, version, reason, hint: `${MORE_ROWS}.` }
  if (rules === null) return null
  const { churnedCustomers, customers, f1 } = facts
  if (churnedCustomers < rules.minChurners) {
    return {
      outcome: 'not-enough-data',
      version,
      reason: `not enough data: ${churnedCustomers} churned customers among the ${customers} that it was not trained on; ${rules.minChurners} are needed`,
      hint: `${MORE_ROWS}, or lower the minimum in churn-ops.json: "promotion": {"minChurners": ${churnedCustomers}}.`,
    }
  }
  if (f1 > rules.floor) return null
  return {
    outcome: 'under-floor',
    version,
    reason: `F1 ${f1.toFixed(4)} is not over the floor ${rules.floor}`,
    hint: `Train a better one, or set a floor for your table in churn-ops.json: "promotion": {"floor": N}; flagging everyone gives ${facts.f1FlagAll.toFixed(4)}.`,
  }
}

/** The moves of a refused plan: none. */
export function withoutMoves(plan: PromotionPlan, { version, outcome }: Refusal): PromotionMove[] {
  const reason = `nothing moves: version ${version} does not go live (${outcome})`
  return plan.moves.map((move) => ({ ...move, to: move.from, reason }))
}

/** The plan with the reason for which somebody lets a version go live that would be refused. */
export function withPermission(
  plan: PromotionPlan,
  { version, reason }: Refusal,
  permission: string,
): PromotionPlan {
  const moves = plan.moves.map((move) =>
    move.version === version
      ? { ...move, reason: `${move.reason}; allowed although ${reason}: ${permission}` }
      : move,
  )
  return { ...plan, moves }
}
