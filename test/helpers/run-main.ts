import { main } from '../../src/cli/main.js'
import { sharedPython } from './shared-python.js'

/** What one run of the command line gave. */
export interface MainRun {
  exitCode: number
  stdout: string
  stderr: string
}

/** Runs a command line in this process, in a folder and without the variables of this shell. */
export async function runMain(folder: string, ...argv: string[]): Promise<MainRun> {
  const written = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr'): NodeJS.WritableStream => {
    const write = (text: string): void => {
      written[name] += text
    }
    return { write } as unknown as NodeJS.WritableStream
  }
  const exitCode = await main(argv, {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    environment: {},
    folder,
    signal: new AbortController().signal,
    startPython: sharedPython,
  })
  return { exitCode, ...written }
}

/** What the document of one command says. */
export interface MainAnswer {
  exitCode: number
  // biome-ignore lint/suspicious/noExplicitAny: read as a user's script would read the document.
  result: any
  error: { code: string; message: string; hint: string; details: Record<string, unknown> } | null
}

/** Runs a command line with `--json` and reads its document. */
export async function runForAnswer(folder: string, ...argv: string[]): Promise<MainAnswer> {
  const { exitCode, stdout } = await runMain(folder, ...argv, '--json')
  const { result = null, error = null } = JSON.parse(stdout)
  return { exitCode, result, error }
}
