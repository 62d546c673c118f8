import type { OnProgress } from '../../domain/progress.js'
import { skillWarnings } from '../../domain/promotion/skill.js'
import { plannedCandidates, type SearchPlan } from '../../domain/search/search-plan.js'
import type { SplitKind } from '../../domain/search/split.js'
import { resolveThreshold, type ThresholdChoice } from '../../domain/search/threshold-rule.js'
import { bestCandidate, type Candidate, type FailedCandidate } from '../../domain/search/training.js'
import type { StoreAddress } from '../../domain/store-address.js'
import { balanceWarnings } from '../../domain/table/class-balance.js'
import type { Dataset, Validation } from '../../domain/table/dataset.js'
import type { Repeats } from '../../domain/table/repeat-count.js'
import type { TableSchema } from '../../domain/table/schema.js'
import type { Trainer, TrainingSplit } from '../ports/training.js'

export interface TrainInput {
  store: StoreAddress
  experiment: string
  /** As in `TrainingRequest`. */
  artifacts: string | null
  schema: TableSchema
  search: SearchPlan
  threshold: ThresholdChoice
  calibrate: boolean
  split: SplitKind
  seed: number
  splitSeed: number
  force: boolean
  waitSeconds: number
  packageVersion: string
  lockSha256: string
}

export interface TrainResult {
  dataset: Dataset
  split: TrainingSplit
  repeats: Repeats
  model: string
  best: Candidate
  candidates: Candidate[]
  /** Candidates that could not be trained, each with its reason. */
  failed: FailedCandidate[]
  parentRunId: string
  invalid: number
  quarantine: string | null
  durationMs: number
  /** Seconds by phase; work of helper processes adds up over them. */
  phases: Record<string, number>
  warnings: string[]
}

/** What training needs; `validate` reads the table while Python is still importing. */
export interface TrainPorts {
  trainer: Trainer
  validate: () => Promise<Validation>
  onProgress: OnProgress
  now: () => number
}

/**
 * Trains every candidate of the grid and registers each as a version.
 *
 * @throws ChurnOpsError of the validation, of Python or of the store; what was registered before stays.
 */
export async function train(input: TrainInput, ports: TrainPorts): Promise<TrainResult> {
  const startedAt = ports.now()
  ports.trainer.warm(input)
  const validation = await ports.validate()
  const validatedAt = ports.now()
  const outcome = await ports.trainer.train(
    {
      store: input.store,
      experiment: input.experiment,
      artifacts: input.artifacts,
      dataset: validation.dataset,
      invalidRecords: validation.invalidRecords,
      schema: input.schema,
      candidates: plannedCandidates(input.search),
      search: input.search,
      threshold: resolveThreshold(input.threshold, validation.valid),
      calibrate: input.calibrate,
      split: input.split,
      seed: input.seed,
      splitSeed: input.splitSeed,
      force: input.force,
      waitSeconds: input.waitSeconds,
      packageVersion: input.packageVersion,
      lockSha256: input.lockSha256,
    },
    ports.onProgress,
  )
  const best = bestCandidate(outcome.candidates)
  return {
    dataset: validation.dataset,
    split: outcome.split,
    repeats: validation.repeats,
    model: input.store.model,
    best,
    candidates: outcome.candidates,
    failed: outcome.failed,
    parentRunId: outcome.parentRunId,
    invalid: validation.invalid,
    quarantine: validation.quarantine,
    durationMs: Math.round(ports.now() - startedAt),
    phases: { validate: (validatedAt - startedAt) / 1000, ...outcome.phases },
    warnings: [
      ...validation.notes,
      ...balanceWarnings(validation.classes, input.schema),
      ...outcome.warnings,
      ...skillWarnings(outcome.candidates, best, input.threshold.kind),
    ],
  }
}
