import type { Dataset, Validation } from '../domain/dataset.js'
import { candidateName, expandGrid, type Grid } from '../domain/grid.js'
import type { TableSchema } from '../domain/schema.js'
import type { Candidate } from '../domain/training.js'
import { bestCandidate } from '../domain/training.js'
import type { OnProgress, StoreAddress, Trainer } from './ports.js'

export interface TrainInput {
  store: StoreAddress
  experiment: string
  schema: TableSchema
  grid: Grid
  seed: number
  splitSeed: number
  force: boolean
  waitSeconds: number
  packageVersion: string
  lockSha256: string
}

export interface TrainResult {
  dataset: Dataset
  split: { trainRows: number; testRows: number; splitSeed: number }
  model: string
  best: Candidate
  candidates: Candidate[]
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
  ports.trainer.warm()
  const validation = await ports.validate()
  const validatedAt = ports.now()
  const outcome = await ports.trainer.train(
    {
      store: input.store,
      experiment: input.experiment,
      dataset: validation.dataset,
      invalidRecords: validation.invalidRecords,
      schema: input.schema,
      candidates: expandGrid(input.grid).map((params) => ({ name: candidateName(params), params })),
      seed: input.seed,
      splitSeed: input.splitSeed,
      force: input.force,
      waitSeconds: input.waitSeconds,
      packageVersion: input.packageVersion,
      lockSha256: input.lockSha256,
    },
    ports.onProgress,
  )
  return {
    dataset: validation.dataset,
    split: outcome.split,
    model: input.store.model,
    best: bestCandidate(outcome.candidates),
    candidates: outcome.candidates,
    parentRunId: outcome.parentRunId,
    invalid: validation.invalid,
    quarantine: validation.quarantine,
    durationMs: Math.round(ports.now() - startedAt),
    phases: { validate: (validatedAt - startedAt) / 1000, ...outcome.phases },
    warnings: outcome.warnings,
  }
}
