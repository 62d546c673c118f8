import chalk from 'chalk'
import { ChurnOpsError } from '../../errors.js'

/** The version of the documents that `--json` prints. */
export const JSON_PROTOCOL = 1

/** The one document of a command that could do its work. */
export function jsonSuccess(command: string, result: Record<string, unknown>): string {
  return JSON.stringify({ protocol: JSON_PROTOCOL, command, ok: true, result })
}

/** The one document of a command that could not; `redacted` takes secrets out of what the error says. */
export function jsonFailure(
  command: string,
  error: unknown,
  redacted: <T>(value: T) => T = (value) => value,
): string {
  const known = asChurnOpsError(error)
  return JSON.stringify({
    protocol: JSON_PROTOCOL,
    command,
    ok: false,
    error: redacted({ code: known.code, message: known.message, hint: known.hint, details: known.details }),
  })
}

/** The error for people: what happened, the state, the next step; stacks only under `--verbose`. */
export function describeError(error: unknown, { verbose }: { verbose: boolean }): string {
  const known = asChurnOpsError(error)
  const lines = [`${chalk.red('error')} ${known.message}`, `  ${chalk.dim(`[${known.code}]`)} ${known.hint}`]
  if (verbose) {
    lines.push(known.stack ?? '')
    if (known.cause instanceof Error && known.cause.stack !== undefined)
      lines.push(`caused by ${known.cause.stack}`)
    if (typeof known.details.traceback === 'string') lines.push(known.details.traceback)
  }
  return lines.join('\n')
}

function asChurnOpsError(error: unknown): ChurnOpsError {
  if (error instanceof ChurnOpsError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new ChurnOpsError('BUG', {
    message: `An internal error occurred: ${message}`,
    hint: 'Run it again with --verbose and report the output.',
    cause: error,
  })
}
