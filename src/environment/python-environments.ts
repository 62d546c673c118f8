import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { OnProgress } from '../domain/progress.js'
import type { PythonEnvironments, ReadyEnvironment } from '../usecases/ports/environment.js'
import { environmentName } from './cache-home.js'
import { inspect } from './inspect.js'
import { findBaseInterpreter, findUv, minorOf, probeInterpreter } from './interpreter.js'
import { type Lock, readLock } from './lock.js'
import { makeEnvironment, removeEnvironment } from './make.js'
import { findManaged, makeEnvironmentsFolder, managedFolders, readReady } from './managed.js'
import { checkOwnInterpreter } from './own-interpreter.js'
import { type RunningProgram, startProgram } from './run-program.js'

/** Where Python comes from. */
export interface EnvironmentOptions {
  /** The user's own interpreter; null for the managed environment. */
  python: string | null
  /** The folder that holds `python/` and `requirements.txt`. */
  packageRoot: string
  /** Another lock than the package's own. */
  requirements?: string
}

/** The Python environments of this user: made on first use, or the user's own interpreter after a check. */
export function createPythonEnvironments(options: EnvironmentOptions): PythonEnvironments {
  const lock = readLock(options.packageRoot, options.requirements)
  const { python } = options
  const programs = new Set<RunningProgram>()
  return {
    async ensure(onProgress, signal) {
      if (python !== null) return checkOwnInterpreter(python, lock)
      return (await findManaged(lock)) ?? (await make(lock, onProgress, signal))
    },
    async find() {
      return python === null ? findManaged(lock) : checkOwnInterpreter(python, lock)
    },
    remove: () => remove(lock),
    inspect: () => inspect(python, lock),
    async run(ready, program, parameters, variables) {
      const running = await startProgram(ready, program, parameters, variables)
      programs.add(running)
      return running.ended.finally(() => programs.delete(running))
    },
    async dispose() {
      await Promise.all([...programs].map((running) => running.end()))
    },
  }
}

async function make(lock: Lock, onProgress: OnProgress, signal?: AbortSignal): Promise<ReadyEnvironment> {
  const root = await makeEnvironmentsFolder()
  const uv = prefersPip(process.env) ? null : await findUv()
  const base = await findBaseInterpreter(uv)
  const folder = join(root, environmentName(lock.sha256, minorOf(base.version)))
  await makeEnvironment({
    folder,
    baseInterpreter: base.path,
    uv,
    lock,
    onProgress,
    ...(signal === undefined ? {} : { signal }),
  })
  const ready = await readReady(folder, lock)
  if (ready === null) throw new Error(`The environment in ${folder} disappeared after it was created.`)
  return ready
}

async function remove(lock: Lock): Promise<{ removed: string | null }> {
  const folders = await managedFolders(lock)
  for (const folder of folders) {
    const base =
      (await probeInterpreter(join(folder, 'bin', 'python'))) ??
      (await findBaseInterpreter(null).catch(() => null))
    // Without any Python nobody can be making it either, so the lock is not needed.
    if (base === null) await rm(folder, { recursive: true, force: true })
    else await removeEnvironment({ folder, baseInterpreter: base.path, lock })
  }
  return { removed: folders.length === 0 ? null : folders.join(', ') }
}

/** Whether only pip's own variables say where packages come from: uv would not see them. */
export function prefersPip(variables: NodeJS.ProcessEnv): boolean {
  const isSet = (name: string): boolean => (variables[name] ?? '') !== ''
  const named = (names: readonly string[]): boolean => names.some(isSet)
  return (
    named(['PIP_NO_INDEX', 'PIP_INDEX_URL']) &&
    !named(['UV_NO_INDEX', 'UV_OFFLINE', 'UV_INDEX', 'UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'UV_FIND_LINKS'])
  )
}
