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
