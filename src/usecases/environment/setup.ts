import type { OnProgress } from '../../domain/progress.js'
import type { PythonEnvironments, ReadyEnvironment } from '../ports/environment.js'

/** What `setup` made or found. */
export interface SetupOutcome {
  ready: ReadyEnvironment
  /** False when it was there before. */
  created: boolean
}

/** Makes the Python environment, or finds it. */
export async function setup(
  environments: PythonEnvironments,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<SetupOutcome> {
  const before = await environments.find()
  if (before !== null) return { ready: before, created: false }
  return { ready: await environments.ensure(onProgress, signal), created: true }
}
