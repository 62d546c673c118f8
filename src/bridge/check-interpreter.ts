import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { ChurnOpsError } from '../errors.js'

/**
 * Checks that a path is a file which can be run; a spawn that fails could only be told by an unhandled event.
 *
 * @throws ChurnOpsError `PYTHON_MISSING`.
 */
export async function checkInterpreter(interpreter: string): Promise<void> {
  try {
    await access(interpreter, constants.X_OK)
    if ((await stat(interpreter)).isFile()) return
  } catch (cause) {
    throw missing(interpreter, cause)
  }
  throw missing(interpreter, new Error('not a file'))
}

function missing(interpreter: string, cause: unknown): ChurnOpsError {
  return new ChurnOpsError('PYTHON_MISSING', {
    message: `There is no Python interpreter at ${interpreter}; nothing was started.`,
    hint: 'Run `churn-ops doctor`.',
    details: { interpreter },
    cause,
  })
}
