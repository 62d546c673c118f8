import { ChurnOpsError, EXIT, type ExitCode } from '../errors.js'

/** Exit code of another program that ran in our place. */
export type PassedOnExitCode = number & { readonly passedOn: unique symbol }

/** Marks the exit code of another program as one that we hand on as it is. */
export function passedOn(exitCode: number): PassedOnExitCode {
  return exitCode as PassedOnExitCode
}

/** The process exit code: ours by the table, 128 + signal number, or another program's. */
export type ProcessExitCode = ExitCode | 130 | 143 | PassedOnExitCode

const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const

/** Exit code for whatever ended a command by throwing. */
export function exitCodeOf(error: unknown): ProcessExitCode {
  if (!(error instanceof ChurnOpsError)) return EXIT.bug
  if (error.code === 'INTERRUPTED') {
    return error.details.signal === 'SIGTERM' ? SIGNAL_EXIT.SIGTERM : SIGNAL_EXIT.SIGINT
  }
  return error.exitCode
}
