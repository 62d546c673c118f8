import { COMMANDS } from '../../src/cli/commands/all.js'
import { exitCodeOf } from '../../src/cli/exit-code.js'
import { parseCommandLine } from '../../src/cli/parse.js'
import { compose } from '../../src/compose.js'
import { readSettings } from '../../src/config/read.js'
import { ChurnOpsError } from '../../src/errors.js'

/** What one command of a session gave. */
export interface SessionAnswer {
  exitCode: number
  // biome-ignore lint/suspicious/noExplicitAny: read as a user's script would read the document.
  result: any
  error: { code: string; message: string; hint: string; details: Record<string, unknown> } | null
}

/** Runs many command lines on one Python process, which spares each of them its imports. */
export function openSession(
  folder: string,
  python: string,
): { run(...argv: string[]): Promise<SessionAnswer>; close(): Promise<void> } {
  const services = compose({
    trackingUri: `sqlite:///${folder}/mlflow.db`,
    python,
    onProgress: () => undefined,
  })
  return {
    async run(...argv) {
      try {
        const parsed = await parseCommandLine([...argv, '--python', python], COMMANDS, '0.0.0')
        if (parsed.kind === 'text') throw new Error('a session is for commands')
        const settings = await readSettings(parsed.options, {}, folder)
        const { exitCode, result } = await parsed.command.handler({
          options: parsed.options,
          rest: parsed.rest,
          settings,
          folder,
          services,
          say: () => undefined,
          progress: () => undefined,
          announce: () => undefined,
          signal: new AbortController().signal,
        })
        return { exitCode, result, error: null }
      } catch (error) {
        if (!(error instanceof ChurnOpsError)) throw error
        return { exitCode: exitCodeOf(error), result: null, error }
      }
    },
    close: () => services.dispose(),
  }
}
