import { ChurnOpsError, EXIT, type ExitCode } from '../errors.js'

/** The process exit code: ours by the table, or 128 + signal number. */
export type ProcessExitCode = ExitCode | 130 | 143

const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const

/** Exit code for whatever ended a command by throwing. */
export function exitCodeOf(error: unknown): ProcessExitCode {
  if (!(error instanceof ChurnOpsError)) return EXIT.bug
  if (error.code === 'INTERRUPTED') {
    return error.details.signal === 'SIGTERM' ? SIGNAL_EXIT.SIGTERM : SIGNAL_EXIT.SIGINT
  }
  return error.exitCode
}
