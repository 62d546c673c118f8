import type { CandidatePlan } from './training.js'

/** What a training will take, roughly. */
export interface TrainingCost {
  seconds: number
  /** Bytes that the saved models take. */
  bytes: number
}

// Measured on the Telco table (5,634 training rows): 3.5 ms and 110 kB a tree, 0.15 s a candidate for its log.
const SECONDS_PER_TREE = 0.0035
const BYTES_PER_TREE = 110_000
const SECONDS_PER_CANDIDATE = 0.15
const MEASURED_ROWS = 5_634
const FIXED_SECONDS = 6
const DEFAULT_TREES = 100

/**
 * Estimates time and disk of a search before it starts. A fit grows with n log n of the rows; candidates that differ
 * only in their number of trees share one fit.
 */
export function estimateTraining(
  candidates: readonly CandidatePlan[],
  trainRows: number,
  cores: number,
): TrainingCost {
  const fitted = new Map<string, number>()
  let savedTrees = 0
  for (const { params } of candidates) {
    const { n_estimators: trees, ...others } = params
    const count = typeof trees === 'number' ? trees : DEFAULT_TREES
    savedTrees += count
    const group = JSON.stringify(others)
    fitted.set(group, Math.max(count, fitted.get(group) ?? 0))
  }
  const fittedTrees = [...fitted.values()].reduce((sum, count) => sum + count, 0)
  const rows = Math.max(trainRows, 2)
  const growth = (rows * Math.log2(rows)) / (MEASURED_ROWS * Math.log2(MEASURED_ROWS))
  const work = fittedTrees * SECONDS_PER_TREE * growth + candidates.length * SECONDS_PER_CANDIDATE
  return {
    seconds: FIXED_SECONDS + work / Math.max(1, cores),
    bytes: savedTrees * BYTES_PER_TREE * (rows / MEASURED_ROWS),
  }
}
