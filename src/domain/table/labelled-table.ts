import { ChurnOpsError } from '../../errors.js'
import { tableName, type Validation } from './dataset.js'
import { requireJudgeable } from './judgeable-table.js'

/**
 * Lets only a table pass that versions can be compared on: labelled, with both classes.
 *
 * @throws ChurnOpsError `DATA_HEADER`, `DATA_INVALID`, `DATA_EMPTY` or `DATA_ONE_CLASS`; the registry is as it was.
 */
export function requireLabelled(validation: Validation, maxInvalid: number): void {
  const { dataset, classes, header } = validation
  requireJudgeable(validation, maxInvalid)
  const present = Object.entries(classes).filter(([, count]) => count > 0)
  if (present.length >= 2) return
  throw new ChurnOpsError('DATA_ONE_CLASS', {
    message: `${tableName(dataset)} has ${present.length === 0 ? 'no labels' : `the one label ${present[0]?.[0]}`}; versions cannot be compared on it. The registry was not changed.`,
    hint: 'Give rows of customers who left and of customers who stayed, with their labels.',
    details: { dataset, classes, header },
  })
}
