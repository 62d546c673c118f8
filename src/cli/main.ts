import { ChurnOpsError, EXIT } from '../errors.js'
import type { Command, CommandResult } from './command.js'
import { COMMANDS } from './commands/all.js'
import { exitCodeOf, type ProcessExitCode } from './exit-code.js'
import { parseCommandLine } from './parse.js'
import { describeError, jsonFailure, jsonSuccess } from './render/envelope.js'
import { createProgress } from './render/progress.js'

/** The streams and surroundings of one run of the command line. */
export interface Surroundings {
  stdout: NodeJS.WritableStream
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }
  environment: NodeJS.ProcessEnv
  folder: string
  /** Aborted by a signal, with its name as the reason. */
  signal: AbortSignal
}

/**
 * Runs one command line and returns the exit code; prints results to stdout and all else to stderr.
 * It never throws and never ends the process.
 */
export async function main(argv: readonly string[], surroundings: Surroundings): Promise<ProcessExitCode> {
  const output = createOutput(argv, surroundings)
  try {
    refuseNativeWindows()
    const { packageVersion } = await import('../compose.js')
    const parsed = await parseCommandLine(argv, COMMANDS, packageVersion())
    if (parsed.kind === 'text') {
      surroundings.stdout.write(`${parsed.text}\n`)
      return EXIT.done
    }
    output.command = parsed.command.name
    return await runCommand(parsed.command, parsed.options, parsed.rest, surroundings, output)
  } catch (error) {
    output.failure(error)
    return exitCodeOf(error)
  }
}

async function runCommand(
  command: Command,
  options: Record<string, unknown>,
  rest: string[],
  surroundings: Surroundings,
  output: Output,
): Promise<ProcessExitCode> {
  // Help needs no settings, and the schemas behind them take a third of its time to load.
  const { readSettings } = await import('../config/read.js')
  const settings = await readSettings(options, surroundings.environment, surroundings.folder)
  const { compose } = await import('../compose.js')
  const progress = createProgress(surroundings.stderr, { quiet: settings.quiet })
  const services = compose({
    trackingUri: settings.trackingUri,
    python: settings.python,
    onProgress: progress.report,
    signal: surroundings.signal,
  })
  let announced = false
  try {
    const finished = await untilAborted(
      surroundings.signal,
      () => announced,
      command.handler({
        options,
        rest,
        settings,
        folder: surroundings.folder,
        services,
        say: (line) => {
          if (!settings.quiet) progress.say(line)
        },
        progress: progress.report,
        announce: (result) => {
          announced = true
          progress.end()
          output.success(result)
        },
        signal: surroundings.signal,
      }),
    )
    progress.end()
    output.success(finished)
    return finished.exitCode
  } finally {
    progress.end()
    await services.dispose()
  }
}

/** What is printed at the end: one document or text, once. */
interface Output {
  command: string
  success(result: CommandResult): void
  failure(error: unknown): void
}

function createOutput(argv: readonly string[], { stdout, stderr }: Surroundings): Output {
  const json = argv.includes('--json')
  const verbose = argv.includes('--verbose')
  let documentPrinted = false
  return {
    command: argv.find((argument) => !argument.startsWith('-')) ?? '',
    success(result) {
      if (json) {
        if (!documentPrinted) stdout.write(`${jsonSuccess(this.command, result.result)}\n`)
        documentPrinted = true
      } else if (result.text !== '') stdout.write(`${result.text}\n`)
    },
    failure(error) {
      if (json && !documentPrinted) {
        stdout.write(`${jsonFailure(this.command, error)}\n`)
        documentPrinted = true
      }
      stderr.write(`${describeError(error, { verbose })}\n`)
    },
  }
}

async function untilAborted<T>(signal: AbortSignal, announced: () => boolean, work: Promise<T>): Promise<T> {
  work.catch(() => undefined)
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(interrupted(String(signal.reason), announced()))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  return Promise.race([work, aborted])
}

function interrupted(signal: string, announced: boolean): ChurnOpsError {
  return new ChurnOpsError('INTERRUPTED', {
    message: announced ? 'Stopped; no process of it is left.' : 'Interrupted. What was finished is kept.',
    hint: announced ? 'Run the same command to start it again.' : 'Run the same command again; it resumes.',
    details: { signal },
  })
}

function refuseNativeWindows(): void {
  if (process.platform !== 'win32') return
  throw new ChurnOpsError('PLATFORM_UNSUPPORTED', {
    message: 'churn-ops runs on Linux and macOS; on Windows it runs inside WSL.',
    hint: 'Install WSL with `wsl --install` and run churn-ops there.',
  })
}
