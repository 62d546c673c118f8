/** A value of a hyper-parameter; null is scikit-learn's None. */
export type ParameterValue = number | string | boolean | null

/** One point of a search before it is trained. */
export interface CandidatePlan {
  /** Name of its run, such as RF_200_10_5. */
  name: string
  params: Record<string, ParameterValue>
}

/** One trained point of a search, registered as a version. */
export interface Candidate {
  version: string
  runId: string
  name: string
  params: Record<string, ParameterValue>
  threshold: number
  /** MLflow metric names; a value that could not be measured is null. */
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
