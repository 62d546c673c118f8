import type { FeatureValue, Scored } from '../../domain/serving/prediction.js'

/** What answers for a version. */
export interface ScoringEngine {
  readonly kind: 'compiled' | 'mlflow'
  /** Scores rows in order; each holds the model's columns in the schema's order. */
  score(rows: readonly (readonly FeatureValue[])[]): Promise<readonly Scored[]>
  close(): Promise<void>
}
