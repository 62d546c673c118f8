import type { SplitKind } from '../../domain/search/split.js'
import type { Validation } from '../../domain/table/dataset.js'
import type { TableSchema } from '../../domain/table/schema.js'
import { dependsOnSplit, type TrainingNeeds, trainingRefusal } from '../../domain/table/trainable-table.js'
import { ChurnOpsError } from '../../errors.js'
import type { Trainer } from '../ports/training.js'

/** How the settings would split the table. */
export interface SplitSettings extends TrainingNeeds {
  schema: TableSchema
  /** Columns that may know the answer, as a screen of the rows found them. */
  suspects: readonly string[]
  split: SplitKind
  splitSeed: number
}

/**
 * Why `train` would refuse a table of customers that no training has seen, or null. Python is asked only where the split
 * itself decides, by time or with so few customers of a class that a side may be left without any, and where a column may
 * know the answer.
 *
 * @throws ChurnOpsError of the environment, where Python is needed.
 */
export async function whyNotTrainable(
  validation: Validation,
  settings: SplitSettings,
  trainer: () => Promise<Pick<Trainer, 'check'>>,
): Promise<ChurnOpsError | null> {
  const refusal = trainingRefusal(validation, settings)
  const undecided = settings.suspects.length > 0 || dependsOnSplit(validation, settings.split)
  if (refusal !== null || !undecided) return refusal
  const { schema, split, splitSeed, folds } = settings
  const { dataset, invalidRecords } = validation
  try {
    await (await trainer()).check({ dataset, invalidRecords, schema, split, splitSeed, folds })
    return null
  } catch (error) {
    if (error instanceof ChurnOpsError && error.code.startsWith('DATA_')) return error
    throw error
  }
}
