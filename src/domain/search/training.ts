import type { EstimatorName } from './estimator-name.js'

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

/**
 * The best of one search by `f1_oof`, which no test row took part in; equal values go to the older version.
 *
 * @throws Error when there is no candidate.
 */
export function bestCandidate(candidates: readonly Candidate[]): Candidate {
  const value = (candidate: Candidate): number => candidate.metrics.f1_oof ?? Number.NEGATIVE_INFINITY
  const [best] = [...candidates].sort((a, b) => value(b) - value(a) || Number(a.version) - Number(b.version))
  if (best === undefined) throw new Error('a search without candidates has no best one')
  return best
}
