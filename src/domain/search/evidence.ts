/** What was drawn and written of a version. */
export interface Evidence {
  version: string
  runId: string
  /** Absolute paths, the model card first. */
  files: string[]
}

/** One fact that is not as recorded. */
export interface Difference {
  /** A metric's name, or words such as `test rows`. */
  what: string
  recorded: number | string | null
  now: number | string | null
}

/** A version trained again, and what was recorded of it. */
export interface Reproduction {
  version: string
  runId: string
  /** Every metric and every prediction is the same to the last digit. */
  equal: boolean
  compared: { metrics: number; predictions: number }
  /** Results that are not as recorded. */
  differences: Difference[]
  /** Lock, churn-ops or packages that are not those of the training; they alone make nothing unequal. */
  surroundings: Difference[]
}
