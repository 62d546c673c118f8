import type { Verdict } from './drift-report.js'

/** Whether the model should learn again, and why. */
export interface RetrainDecision {
  retrain: boolean
  reasons: string[]
}

/** What the decision looks at. */
export interface RetrainFacts {
  verdict: Verdict
  /** The sentence of the verdict. */
  reason: string
  labelled: boolean
  /** True when the window has no row that the version's training did not already have. */
  sameData: boolean
}

/** Drift asks for a retraining, as far as the window has something new to learn from. */
export function decideRetraining(facts: RetrainFacts): RetrainDecision {
  if (facts.verdict !== 'drift') return { retrain: false, reasons: [facts.reason] }
  if (!facts.labelled) {
    return {
      retrain: false,
      reasons: [facts.reason, 'The window has no labels, so there is nothing to learn from.'],
    }
  }
  if (facts.sameData) {
    return {
      retrain: false,
      reasons: [facts.reason, 'The window has no row that was not already in the training data.'],
    }
  }
  return { retrain: true, reasons: [facts.reason] }
}
