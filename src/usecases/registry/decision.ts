import type { GateEvidence, GateResult } from '../../domain/promotion/gate.js'
import type { PromotionPlan } from '../../domain/promotion/promotion-policy.js'

/** What is to be done and why, before anything is. */
export interface Decision {
  plan: PromotionPlan
  gate: GateResult | null
  evidence: GateEvidence | null
  /** A challenger whose look is not in its tags yet. */
  look: { version: string; reason: string } | null
  /** Version for the alias `challenger`; undefined leaves the alias. */
  challenger: string | null | undefined
  notes: string[]
}
