import { ChurnOpsError } from '../errors.js'
import type { Command } from './command.js'
import type { ProcessExitCode } from './exit-code.js'
import type { OutputStream } from './output.js'

/** What is known of a run when its output is lost; the exit code is null while it goes on. */
export interface Run {
  command: Pick<Command, 'name' | 'options'> | null
  exitCode: ProcessExitCode | null
}

const FULL = ['ENOSPC', 'EDQUOT']

/** The error for output that did not arrive, whatever else the run came to; null when all of it did. */
export async function lostOutput(
  { stdout, stderr }: { stdout: OutputStream; stderr?: OutputStream },
  run: Run,
): Promise<ChurnOpsError | null> {
  const onStdout = (await stdout.flushed?.()) ?? null
  if (onStdout !== null) return lost('standard output', onStdout, run)
  const onStderr = (await stderr?.flushed?.()) ?? null
  return onStderr === null ? null : lost('standard error', onStderr, run)
}

/** True for what `lostOutput` makes. */
export function isLostOutput(error: unknown): boolean {
  return error instanceof ChurnOpsError && error.details.stream !== undefined
}

function lost(stream: string, reason: string, { command, exitCode }: Run): ChurnOpsError {
  const isFull = FULL.includes(reason)
  const again = isFull ? 'Free some space there' : 'Send the output somewhere else'
  return new ChurnOpsError(isFull ? 'DISK_FULL' : 'NOT_WRITABLE', {
    message: `${stream} could not be written completely (${reason}). ${stateOf(exitCode)}`,
    // Whoever waits for other writers is a writer: done twice is not done once.
    hint:
      command?.options?.wait === undefined
        ? `${again}, then run the same command again.`
        : `${again}, then check with \`churn-ops models\` and \`churn-ops history\` what was done.`,
    details: { stream, reason, ...(exitCode === null ? {} : { exitCode }) },
  })
}

function stateOf(exitCode: ProcessExitCode | null): string {
  if (exitCode === null) return 'The command was stopped.'
  return exitCode === 0
    ? 'The command itself finished, and its work is kept.'
    : `The command itself exited with code ${exitCode}.`
}
