import { holdsPassword, type Redactor, redactor } from '../domain/redaction.js'
import { ChurnOpsError, EXIT } from '../errors.js'
import type { Command, CommandContext, CommandResult } from './command.js'
import { COMMANDS } from './commands/all.js'
import { exitCodeOf, type ProcessExitCode } from './exit-code.js'
import { parseCommandLine } from './parse.js'
import { describeError, jsonFailure, jsonSuccess } from './render/envelope.js'
import { createProgress } from './render/progress.js'
import { terminalSafe } from './render/terminal-safe.js'

/** The streams and surroundings of one run of the command line. */
export interface Surroundings {
  stdout: NodeJS.WritableStream & { isTTY?: boolean }
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
  output.hide([settings.trackingUri, settings.data ?? '', ...settings.notices.urls])
  const { compose } = await import('../compose.js')
  const progress = createProgress(surroundings.stderr, { quiet: settings.quiet, clean: output.clean })
  const services = compose({
    trackingUri: settings.trackingUri,
    python: settings.python,
    onProgress: progress.report,
    signal: surroundings.signal,
  })
  await requireSafe(command, { options, settings, folder: surroundings.folder, services })
  if (holdsPassword(String(options['tracking-uri'] ?? ''))) progress.say(PASSWORD_IN_ARGUMENTS)
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

async function requireSafe(
  command: Command,
  {
    options,
    settings,
    folder,
    services,
  }: Pick<CommandContext, 'options' | 'settings' | 'folder' | 'services'>,
): Promise<void> {
  const { requireSafeOutputs } = await import('../config/outputs.js')
  const outputs = command.outputs?.({ options, settings, folder }) ?? []
  const read = Object.entries(options).filter(([name]) => !outputs.some(({ option }) => option === name))
  const { stateFolder, bundledData } = services
  const files = { options: Object.fromEntries(read), settings, folder, others: [bundledData] }
  requireSafeOutputs({ ...files, outputs, stateFolder })
}

const PASSWORD_IN_ARGUMENTS =
  'warning: other users of this machine can read the password in --tracking-uri; set MLFLOW_TRACKING_URI instead.'

/** What is printed at the end: one document or text, once, and never a secret. */
interface Output {
  command: string
  /** Names further texts that may hold secrets. */
  hide(texts: readonly string[]): void
  /** A text for people, without secrets and control characters. */
  clean(text: string): string
  success(result: CommandResult): void
  failure(error: unknown): void
}

function createOutput(argv: readonly string[], { stdout, stderr, environment }: Surroundings): Output {
  const json = argv.includes('--json')
  const verbose = argv.includes('--verbose')
  let redact: Redactor = redactor(environment, argv)
  let documentPrinted = false
  const clean = (text: string): string => terminalSafe(redact.text(text))
  return {
    // Until the line is read this may as well be the value of an option.
    command: redact.text(argv.find((argument) => !argument.startsWith('-')) ?? ''),
    hide(texts) {
      redact = redactor(environment, [...argv, ...texts])
    },
    clean,
    success(result) {
      if (json) {
        if (!documentPrinted) stdout.write(`${jsonSuccess(this.command, redact.value(result.result))}\n`)
        documentPrinted = true
      } else if (result.text !== '') {
        // What goes into a file or a pipe is data, down to its tabs and carriage returns.
        const shown = redact.text(result.text)
        stdout.write(`${stdout.isTTY === true ? terminalSafe(shown) : shown}\n`)
      }
    },
    failure(error) {
      // A document on a standard output that leads to an input would be written into that.
      const isInput = error instanceof ChurnOpsError && error.details.output === 'standard output'
      if (json && !documentPrinted && !isInput) {
        stdout.write(`${jsonFailure(this.command, error, redact.value)}\n`)
        documentPrinted = true
      }
      stderr.write(`${clean(describeError(error, { verbose }))}\n`)
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
