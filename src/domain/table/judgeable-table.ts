import { ChurnOpsError } from '../../errors.js'
import { placeName, tableName, type Validation } from './dataset.js'

/**
 * Lets only a table pass that a window can be drawn from; labels may be missing.
 *
 * @throws ChurnOpsError `DATA_HEADER`, `DATA_INVALID` or `DATA_EMPTY`, the problems in `details`.
 */
export function requireJudgeable(validation: Validation, maxInvalid: number): void {
  const { dataset, problems, invalid, valid, quarantine } = validation
  const details = { dataset, valid, invalid, problems, quarantine }
  const first = problems[0]
  const name = tableName(dataset)
  if (!validation.headerValid) {
    throw new ChurnOpsError('DATA_HEADER', {
      message: `${name} does not have the columns of the schema${first === undefined ? '' : `: ${first.message}`} Nothing was judged.`,
      hint: `Correct the columns; \`churn-ops validate --unlabelled ${name}\` names them all.`,
      details,
    })
  }
  if (invalid > maxInvalid) {
    const place =
      first === undefined
        ? ''
        : ` The first is in ${placeName(dataset)} ${first.line}${first.column === null ? '' : `, ${first.column}`}.`
    throw new ChurnOpsError('DATA_INVALID', {
      message: `${invalid} of ${dataset.rows} rows in ${name} are invalid, ${maxInvalid} are allowed.${place} Nothing was judged.`,
      hint: `Correct them (\`churn-ops validate --unlabelled ${name}\` names them), or continue without them: --max-invalid ${invalid}.`,
      details,
    })
  }
  if (valid === 0) {
    throw new ChurnOpsError('DATA_EMPTY', {
      message: `${name} has no valid row. Nothing was judged.`,
      hint: 'Give a file with customers.',
      details,
    })
  }
}
