import type { Stage } from './stage.js'

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
