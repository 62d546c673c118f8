import { ChurnOpsError } from '../errors.js'

const QUOTED_LINES = 3

/** Python ended by itself during a call; `how` is its exit code or signal. */
export function pythonDied(method: string, how: string, lastLines: string[]): ChurnOpsError {
  return new ChurnOpsError('PYTHON_DIED', {
    message: `Python died (${how}) during ${method}; finished work is kept.${quoted(lastLines)}`,
    hint: 'Run the same command again; if it dies again, run `churn-ops doctor`.',
    details: { method, how, lastLines },
  })
}

/** Python did not answer in time and was killed. */
export function pythonTimedOut(method: string, timeoutMs: number, lastLines: string[]): ChurnOpsError {
  return new ChurnOpsError('PYTHON_TIMEOUT', {
    message: `Python did not answer ${method} within ${timeoutMs / 1000} s and was stopped.${quoted(lastLines)}`,
    hint: 'Run the same command again, with --verbose to see what Python is doing.',
    details: { method, timeoutMs, lastLines },
  })
}

/** pythonia itself failed: our entry answers every error with an envelope, so none of them comes this way. */
export function bridgeBroke(method: string, cause: unknown, lastLines: string[]): ChurnOpsError {
  return new ChurnOpsError('BRIDGE_PROTOCOL', {
    message: `The bridge to Python broke during ${method}.${quoted(lastLines)}`,
    hint: 'Run `churn-ops doctor`, then the command again with --verbose.',
    details: { method, lastLines },
    cause,
  })
}

/** We stopped Python ourselves before it answered. */
export function stoppedOnRequest(method: string): ChurnOpsError {
  return new ChurnOpsError('INTERRUPTED', {
    message: `Python was stopped on request during ${method}; finished work is kept.`,
    hint: 'Run the same command again.',
    details: { method },
  })
}

function quoted(lines: string[]): string {
  return lines.length === 0 ? '' : ` Its last lines: ${lines.slice(-QUOTED_LINES).join(' | ')}`
}
