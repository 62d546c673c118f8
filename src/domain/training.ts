/** A value of a hyper-parameter; null is scikit-learn's None. */
export type ParameterValue = number | string | boolean | null

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
