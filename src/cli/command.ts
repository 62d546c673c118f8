import type { Options } from 'yargs'
import type { Services } from '../compose.js'
import type { Output } from '../config/outputs.js'
import type { Settings } from '../config/schema.js'
import type { ExitCode } from '../errors.js'
import type { PassedOnExitCode } from './exit-code.js'

/** What a finished command gives: data for `--json`, text for people, a verdict as exit code. */
export interface CommandResult {
  result: Record<string, unknown>
  /** Plain text for stdout, without a last newline; empty prints nothing. */
  text: string
  exitCode: ExitCode | PassedOnExitCode
}

/** What a handler gets. */
export interface CommandContext {
  /** Parsed options by their long kebab-case name, positionals by name. */
  options: Readonly<Record<string, unknown>>
  /** Arguments after the command that a pass-through command hands on. */
  rest: readonly string[]
  settings: Settings
  /** The current folder; paths of options and positionals are relative to it. */
  folder: string
  services: Services
  /** Writes a line for people to stderr; silent under `--quiet`. */
  say(line: string): void
  /** A progress receiver that draws on stderr. */
  progress: import('../domain/progress.js').OnProgress
  /** Prints an intermediate result now: `serve` is ready before it ends. */
  announce(result: CommandResult): void
  /** Aborted by Ctrl-C and SIGTERM, with the signal's name as reason. */
  signal: AbortSignal
}

/** A command is a value; adding one is a file and a line in `commands/all.ts`. */
export interface Command {
  name: string
  description: string
  /** Positional arguments in order, in yargs' words; `required` by `demandOption`. */
  positionals?: Record<string, Options & { describe: string; type?: 'string' }>
  options?: Record<string, Options>
  /** Hands all later arguments on untouched. */
  passThrough?: boolean
  /** What its options let it write; checked against all that is read before the handler runs. */
  outputs?(context: Pick<CommandContext, 'options' | 'settings' | 'folder'>): Output[]
  handler(context: CommandContext): Promise<CommandResult>
}
