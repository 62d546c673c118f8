import type { TrainingRequest, TrainingSplit } from '../../contract/training.js'
import type { OnProgress } from '../../domain/progress.js'
import { skillWarnings } from '../../domain/promotion/skill.js'
import { plannedCandidates } from '../../domain/search/search-plan.js'
import { resolveThreshold, type ThresholdChoice } from '../../domain/search/threshold-rule.js'
import { bestCandidate, type Candidate, type FailedCandidate } from '../../domain/search/training.js'
import { balanceWarnings } from '../../domain/table/class-balance.js'
import type { Dataset, Validation } from '../../domain/table/dataset.js'
import type { Repeats } from '../../domain/table/repeat-count.js'
import type { Trainer } from '../ports/training.js'

/** What a training is told; the table comes by `TrainPorts.validate`. */
export type TrainInput = Omit<TrainingRequest, 'dataset' | 'invalidRecords' | 'candidates' | 'threshold'> & {
  threshold: ThresholdChoice
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
      ...input,
      dataset: validation.dataset,
      invalidRecords: validation.invalidRecords,
      candidates: plannedCandidates(input.search),
      threshold: resolveThreshold(input.threshold, validation.valid),
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
