import type { EstimatorName } from './estimator-name.js'
import { ranked, SEARCH_RANKING } from './search-ranking.js'

/** A value of a hyper-parameter; null is scikit-learn's None. */
export type ParameterValue = number | string | boolean | null

/** Values to try per hyper-parameter; the search is their product. */
export type Grid = Record<string, ParameterValue[]>

/** One point of a search before it is trained. */
export interface CandidatePlan {
  /** Name of its run, such as RF_200_10_5. */
  name: string
  estimator: EstimatorName
  params: Record<string, ParameterValue>
}

/** A candidate that could not be trained; it has a failed run and no version. */
export interface FailedCandidate extends CandidatePlan {
  reason: string
  runId: string
}

/** One trained point of a search, registered as a version. */
export interface Candidate {
  version: string
  runId: string
  name: string
  estimator: EstimatorName
  params: Record<string, ParameterValue>
  threshold: number
  /** MLflow metric names; what could not be measured is not there. */
  metrics: Record<string, number | null>
  reused: boolean
}

/** The candidates of one search, the best first. */
export function rankedCandidates(candidates: readonly Candidate[]): Candidate[] {
  return ranked(candidates, ({ version, metrics }) => ({
    version,
    f1Oof: metrics[SEARCH_RANKING.metric] ?? null,
  }))
}

/**
 * The best of one search.
 *
 * @throws Error when there is no candidate.
 */
export function bestCandidate(candidates: readonly Candidate[]): Candidate {
  const [best] = rankedCandidates(candidates)
  if (best === undefined) throw new Error('a search without candidates has no best one')
  return best
}
