import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { isolatedPython } from '../process/isolated-python.js'
import { stopProcessTree } from '../process/process-tree.js'
import { runInherited } from '../process/run.js'
import type { ReadyEnvironment } from '../usecases/ports/environment.js'

const END_GRACE_MS = 5_000
const SIGNAL_EXIT_BASE = 128
const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGTERM: 15,
}

/** A program of the environment that uses our terminal. */
export interface RunningProgram {
  /** Exit code of the program; 128 plus the number of the signal that ended it, as shells say it. */
  ended: Promise<number>
  /** Ends it and everything that it started. */
  end(): Promise<void>
}

/** Starts a script of the environment with the environment's folder first on PATH. */
export async function startProgram(
  ready: ReadyEnvironment,
  program: string,
  parameters: readonly string[],
  variables: Record<string, string>,
): Promise<RunningProgram> {
  const running = runInherited(
    ready.interpreter,
    [...(await scriptOrModule(ready.binFolder, program)), ...parameters],
    {
      environment: {
        ...isolatedPython(),
        ...variables,
        PATH: `${ready.binFolder}${delimiter}${process.env.PATH ?? ''}`,
      },
    },
  )
  return {
    ended: running.ended.then(
      ({ exitCode, signal }) =>
        exitCode ?? SIGNAL_EXIT_BASE + ((signal === null ? undefined : SIGNAL_NUMBERS[signal]) ?? 1),
    ),
    end: async () => {
      if (running.pid !== null) await stopProcessTree(running.pid, END_GRACE_MS)
    },
  }
}

// Run by its interpreter and not by its first line, which systems cut off at 127 or 255 characters.
async function scriptOrModule(binFolder: string, program: string): Promise<string[]> {
  const script = join(binFolder, program)
  return access(script).then(
    () => [script],
    () => ['-P', '-m', program],
  )
}
