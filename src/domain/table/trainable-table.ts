import { ChurnOpsError } from '../../errors.js'
import type { SplitKind } from '../search/split.js'
import { TRAINING_RULES } from '../search/training-rules.js'
import { placeName, tableName, type Validation } from './dataset.js'
import { describeProblem } from './describe-problem.js'

/** What a training asks of a table besides its columns. */
export interface TrainingNeeds {
  /** Invalid rows that may be left out. */
  maxInvalid: number
  /** Folds of cross-validation; null without. */
  folds: number | null
}

/** From so many rows of a class on, a split of four to one leaves a side without it in fewer than one of a hundred cases. */
const SURELY_ON_BOTH_SIDES = 21

/**
 * Why a table cannot be trained on, or null: what `train` throws and `validate` tells.
 *
 * @returns `DATA_HEADER`, `DATA_INVALID` (both with the problems in `details`), `DATA_EMPTY`, `DATA_ONE_CLASS` or `DATA_TOO_FEW`.
 */
export function trainingRefusal(validation: Validation, needs: TrainingNeeds): ChurnOpsError | null {
  return unreadable(validation, needs.maxInvalid) ?? unlearnable(validation, needs.folds)
}

/** Whether only the split itself tells if a table that is well otherwise can be trained on. */
export function dependsOnSplit(validation: Validation, split: SplitKind): boolean {
  const [, count] = rarerOf(validation)
  const { ids, rows } = validation.repeats
  const rowsOfOne = ids === 0 ? 1 : rows / ids
  return split === 'time' || count < SURELY_ON_BOTH_SIDES * rowsOfOne
}

/** Says that a class is so rare that the split may leave none of it to train or to test on; empty when it is not. */
export function rareClassNotes(validation: Validation): string[] {
  const [label, count] = rarerOf(validation)
  if (count < 2 || count >= SURELY_ON_BOTH_SIDES) return []
  return [
    `Only ${count} valid rows have the label ${label}: the split may leave none of them for training or testing.`,
  ]
}

function unreadable(validation: Validation, maxInvalid: number): ChurnOpsError | null {
  const { dataset, problems, invalid, valid, headerValid, quarantine } = validation
  const name = tableName(dataset)
  const first = describeProblem(problems[0], placeName(dataset))
  const details = { dataset, valid, invalid, problems, quarantine }
  if (!headerValid) {
    return new ChurnOpsError('DATA_HEADER', {
      message: `${name} does not have the columns of the schema: ${first} Nothing was trained.`,
      hint: `Correct the columns, or describe yours in a file that "schema" in churn-ops.json names.`,
      details,
    })
  }
  if (invalid > maxInvalid) {
    const allowed = maxInvalid === 0 ? '' : `, ${maxInvalid} are allowed`
    return new ChurnOpsError('DATA_INVALID', {
      message: `${invalid} of ${dataset.rows} rows in ${name} are invalid${allowed}; the first: ${first} They are in ${quarantine}. Nothing was trained.`,
      hint:
        valid === 0
          ? 'Correct them; no rows are left to train on.'
          : `Correct them, or continue without them: --max-invalid ${invalid}.`,
      details,
    })
  }
  if (valid > 0) return null
  return new ChurnOpsError('DATA_EMPTY', {
    message: `${name} has no valid row: ${invalid} of ${dataset.rows} are invalid. Nothing was trained.`,
    hint: `Correct the rows in ${quarantine}.`,
    details,
  })
}

function unlearnable(validation: Validation, folds: number | null): ChurnOpsError | null {
  const { dataset, valid, invalid, problems, quarantine, classes } = validation
  const name = tableName(dataset)
  const details = { dataset, valid, invalid, problems, quarantine, classes }
  const present = Object.entries(classes).filter(([, count]) => count > 0)
  if (present.length < 2) {
    return new ChurnOpsError('DATA_ONE_CLASS', {
      message: `All ${valid} valid rows of ${name} have the label ${present[0]?.[0] ?? 'nothing'}; there is nothing to learn. Nothing was trained.`,
      hint: 'Use a table with customers who left and customers who stayed.',
      details,
    })
  }
  const [label, rarer] = rarerOf(validation)
  const least = Math.max(2, (folds ?? 0) + 1)
  const missing =
    valid < TRAINING_RULES.minimumRows
      ? `${valid} valid rows, at least ${TRAINING_RULES.minimumRows} are needed`
      : rarer < least
        ? `${rarer} valid rows with the label ${label}, at least ${least} are needed${folds === null ? '' : ` for ${folds} folds and a test`}`
        : null
  if (missing === null) return null
  return new ChurnOpsError('DATA_TOO_FEW', {
    message: `${name} has ${missing}: too few to train and test on. Nothing was trained.`,
    hint: 'Use a larger table; results need at least a few hundred rows with both labels to be useful.',
    details,
  })
}

function rarerOf({ classes }: Validation): [label: string, count: number] {
  return Object.entries(classes).reduce<[string, number]>(
    (rarer, each) => (each[1] < rarer[1] ? each : rarer),
    ['', Number.POSITIVE_INFINITY],
  )
}
