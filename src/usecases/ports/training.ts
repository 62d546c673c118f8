import type { TableCheck, TrainingOutcome, TrainingRequest } from '../../contract/training.js'
import type { OnProgress } from '../../domain/progress.js'

/** Fits, measures, logs and registers the candidates of a search. */
export interface Trainer {
  /** Starts Python, which asks whether store and storage answer and then imports, while the caller does other work. */
  warm(request: Pick<TrainingRequest, 'store' | 'experiment' | 'artifacts'>): void
  /**
   * Splits a table as a first training would.
   *
   * @throws ChurnOpsError `DATA_TOO_FEW` or `DATA_DATES` when `train` would refuse it.
   */
  check(request: TableCheck): Promise<void>
  train(request: TrainingRequest, onProgress: OnProgress): Promise<TrainingOutcome>
}
