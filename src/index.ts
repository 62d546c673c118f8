/** The library: every use-case as a function, and `compose` for what they need. */
export { type ComposeOptions, compose, type Services } from './compose.js'
export type { DriftColumn, DriftLimits, Verdict } from './domain/drift/drift-report.js'
export type * from './domain/progress.js'
export type { PromotionMove, PromotionPlan } from './domain/promotion/promotion-policy.js'
export type { JournalEntry } from './domain/registry/journal-entry.js'
export type { ModelVersion } from './domain/registry/model-version.js'
export type { Stage } from './domain/registry/stage.js'
export type { Difference, Evidence, Reproduction } from './domain/search/evidence.js'
export type {
  Candidate,
  CandidatePlan,
  FailedCandidate,
  Grid,
  ParameterValue,
} from './domain/search/training.js'
export type * from './domain/store-address.js'
export type { DataSource } from './domain/table/data-source.js'
export type { Dataset, Problem, Validation } from './domain/table/dataset.js'
export type { TableSchema } from './domain/table/schema.js'
export { ChurnOpsError, ERROR_TABLE, type ErrorCode, EXIT, type ExitCode } from './errors.js'
export { type MonitorRequest, type MonitorResult, monitor } from './usecases/drift/monitor.js'
export type * from './usecases/ports/drift.js'
export type * from './usecases/ports/environment.js'
export type * from './usecases/ports/registry.js'
export type * from './usecases/ports/tables.js'
export { models } from './usecases/registry/models.js'
export { type PromoteInput, type PromoteResult, promote } from './usecases/registry/promote.js'
export { type PredictOutcome, type PredictRequest, predict } from './usecases/serving/predict.js'
export { type ServeRequest, serve } from './usecases/serving/serve.js'
export { type OpenedTable, openTable } from './usecases/table/open-table.js'
export { requireTrainable, validateTable } from './usecases/table/validate.js'
export { type ReportInput, report } from './usecases/training/report.js'
export { reproduce } from './usecases/training/reproduce.js'
export { type TrainInput, type TrainResult, train } from './usecases/training/train.js'
