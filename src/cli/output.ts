import { type Redactor, redactor } from '../domain/text/redaction.js'
import { ChurnOpsError } from '../errors.js'
import type { CommandResult } from './command.js'
import { describeError, jsonFailure, jsonSuccess } from './render/envelope.js'
import { terminalSafe } from './render/terminal-safe.js'

/** A stream that is written to; one that knows what became of it tells the system's code of a loss, such as `ENOSPC`. */
export interface OutputStream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  flushed?(): Promise<string | null>
}

/** Where a run writes to. */
export interface OutputStreams {
  stdout: OutputStream
  stderr: OutputStream
  environment: NodeJS.ProcessEnv
}

/** What is printed at the end: one document or text, once, and never a secret. */
export interface Output {
  command: string
  /** Names further texts that may hold secrets. */
  hide(texts: readonly string[]): void
  /** A text for people, without secrets and control characters. */
  clean(text: string): string
  success(result: CommandResult): void
  failure(error: unknown): void
}

export function createOutput(
  argv: readonly string[],
  { stdout, stderr, environment }: OutputStreams,
): Output {
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
