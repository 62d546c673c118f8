import type { OnProgress } from '../../domain/progress.js'
import type { SearchPlan } from '../../domain/search/search-plan.js'
import type { SplitKind } from '../../domain/search/split.js'
import type { ThresholdRule } from '../../domain/search/threshold-rule.js'
import type { Candidate, CandidatePlan, FailedCandidate } from '../../domain/search/training.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { Dataset } from '../../domain/table/dataset.js'
import type { TableSchema } from '../../domain/table/schema.js'

export interface TrainingRequest {
  store: StoreAddress
  experiment: string
  /** Where a new experiment keeps its files: `s3://BUCKET/PREFIX` or an absolute folder; null beside the store. */
  artifacts: string | null
  dataset: Dataset
  /** Records of the file that Python must leave out: Node's verdict on rows is law. */
  invalidRecords: number[]
  schema: TableSchema
  /** Of a grid search; a search that draws makes its own. */
  candidates: CandidatePlan[]
  search: SearchPlan
  threshold: ThresholdRule
  calibrate: boolean
  split: SplitKind
  seed: number
  splitSeed: number
  force: boolean
  waitSeconds: number
  packageVersion: string
  lockSha256: string
}

/** How the rows were split. */
export interface TrainingSplit {
  trainRows: number
  testRows: number
  /** Customers of those rows: all rows of an id, and copies of a row under other ids, are one. */
  trainCustomers: number
  testCustomers: number
  /** Ids that count as one customer with another, because rows are equal but for the id beyond chance. */
  joinedIds: number
  splitSeed: number
  kind: SplitKind
  /** Rows of customers that an earlier training has seen; they kept their side. */
  knownCustomers: number
  /** Of a split by time: earliest and latest date of each side, as the table writes them. */
  trainFrom?: string | undefined
  trainUntil?: string | undefined
  testFrom?: string | undefined
  testUntil?: string | undefined
  /** Of a split by time: earlier rows of test customers, which are on neither side. */
  leftOut?: { rows: number; customers: number } | undefined
}

export interface TrainingOutcome {
  split: TrainingSplit
  candidates: Candidate[]
  failed: FailedCandidate[]
  /** MLflow id of the parent run. */
  parentRunId: string
  experimentId: string
  /** Seconds by phase, in the order in which they began. */
  phases: Record<string, number>
  warnings: string[]
}

/** What of a training decides how its rows are split. */
export type TableCheck = Pick<
  TrainingRequest,
  'dataset' | 'invalidRecords' | 'schema' | 'split' | 'splitSeed'
> & { folds: number | null }

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
