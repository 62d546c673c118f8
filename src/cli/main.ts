import type { StartPython } from '../compose.js'
import { holdsPassword } from '../domain/text/redaction.js'
import { ChurnOpsError, EXIT } from '../errors.js'
import type { Command, CommandContext } from './command.js'
import { COMMANDS } from './commands/all.js'
import { exitCodeOf, type ProcessExitCode } from './exit-code.js'
import { isLostOutput, lostOutput, type Run } from './lost-output.js'
import { createOutput, type Output, type OutputStream } from './output.js'
import { parseCommandLine } from './parse.js'
import { createProgress } from './render/progress.js'
import { namedFailure } from './system-failure.js'

/** The streams and environment of one run of the command line. */
export interface RunContext {
  stdout: OutputStream
  stderr: OutputStream
  environment: NodeJS.ProcessEnv
  /** The current folder; null when it was deleted. */
  folder: string | null
  /** Aborted by a signal, with its name as the reason. */
  signal: AbortSignal
  /** Starts Python or lends a running one; each run has a process of its own when left out. */
  startPython?: StartPython
}

/**
 * Runs one command line and returns the exit code; prints results to stdout and all else to stderr.
 * It never throws and never ends the process.
 */
export async function main(argv: readonly string[], runContext: RunContext): Promise<ProcessExitCode> {
  const output = createOutput(argv, runContext)
  const run: Run = { command: null, exitCode: null }
  const exitCode = await runCommandLine(argv, runContext, output, run).catch((thrown: unknown) => {
    const error = namedFailure(thrown)
    output.failure(error)
    return isLostOutput(error) ? LOST : exitCodeOf(error)
  })
  if (exitCode === LOST) return EXIT.environment
  const lost = await lostOutput(runContext, { ...run, exitCode })
  // Whoever stopped it waits for no result.
  if (lost === null || exitCode === 130 || exitCode === 143) return exitCode
  output.failure(lost)
  await runContext.stderr.flushed?.()
  return lost.exitCode
}

async function runCommandLine(
  argv: readonly string[],
  runContext: RunContext,
  output: Output,
  run: Run,
): Promise<ProcessExitCode> {
  refuseNativeWindows()
  const { packageVersion } = await import('../compose.js')
  const parsed = await parseCommandLine(argv, COMMANDS, packageVersion())
  if (parsed.kind === 'text') {
    runContext.stdout.write(`${parsed.text}\n`)
    return EXIT.done
  }
  output.command = parsed.command.name
  run.command = parsed.command
  const folder = requireFolder(runContext.folder)
  return runCommand(parsed.command, parsed.options, parsed.rest, { ...runContext, folder }, output, run)
}

async function runCommand(
  command: Command,
  options: Record<string, unknown>,
  rest: string[],
  runContext: RunContext & { folder: string },
  output: Output,
  run: Run,
): Promise<ProcessExitCode> {
  // Help needs no settings, and the schemas behind them take a third of its time to load.
  const { readSettings } = await import('../config/read.js')
  const settings = await readSettings(options, runContext.environment, runContext.folder)
  output.hide([settings.trackingUri, settings.data ?? '', ...settings.notices.urls])
  const { compose } = await import('../compose.js')
  const progress = createProgress(runContext.stderr, { quiet: settings.quiet, clean: output.clean })
  const services = compose({
    trackingUri: settings.trackingUri,
    python: settings.python,
    onProgress: progress.report,
    signal: runContext.signal,
    startPython: runContext.startPython,
  })
  await requireSafe(command, { options, settings, folder: runContext.folder, services })
  if (holdsPassword(String(options['tracking-uri'] ?? ''))) progress.say(PASSWORD_IN_ARGUMENTS)
  let announced = false
  let stop: (error: ChurnOpsError) => void = () => undefined
  const unheard = new Promise<never>((_, reject) => {
    stop = reject
  })
  try {
    const finished = await untilAborted(runContext.signal, () => announced, [
      unheard,
      command.handler({
        options,
        rest,
        settings,
        folder: runContext.folder,
        services,
        say: (line) => {
          if (!settings.quiet) progress.say(line)
        },
        progress: progress.report,
        announce: (result) => {
          announced = true
          progress.end()
          output.success(result)
          // A server whose address nobody knows serves nobody.
          void lostOutput(runContext, run).then((lost) => lost !== null && stop(lost))
        },
        signal: runContext.signal,
      }),
    ])
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

/** The end of a command that was stopped because its result went nowhere, which has been told. */
const LOST = Symbol('lost')

const PASSWORD_IN_ARGUMENTS =
  'warning: other users of this machine can read the password in --tracking-uri; set MLFLOW_TRACKING_URI instead.'

async function untilAborted<T>(
  signal: AbortSignal,
  announced: () => boolean,
  work: Promise<T>[],
): Promise<T> {
  for (const each of work) each.catch(() => undefined)
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(interrupted(String(signal.reason), announced()))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  return Promise.race([...work, aborted])
}

function interrupted(signal: string, announced: boolean): ChurnOpsError {
  return new ChurnOpsError('INTERRUPTED', {
    message: announced ? 'Stopped; all its processes have ended.' : 'Interrupted. Finished work is kept.',
    hint: announced ? 'Run the same command to start it again.' : 'Run the same command again; it resumes.',
    details: { signal },
  })
}

function requireFolder(folder: string | null): string {
  if (folder !== null) return folder
  throw new ChurnOpsError('NOT_WRITABLE', {
    message: 'The current folder no longer exists; nothing was done.',
    hint: 'Change to an existing folder, for example with `cd ~`, then run it again.',
  })
}

function refuseNativeWindows(): void {
  if (process.platform !== 'win32') return
  throw new ChurnOpsError('PLATFORM_UNSUPPORTED', {
    message: 'churn-ops runs on Linux and macOS; on Windows it runs inside WSL.',
    hint: 'Install WSL with `wsl --install` and run churn-ops there.',
  })
}
