import type { OnProgress } from '../../domain/progress.js'
import type { ErrorCode } from '../../errors.js'

/** An interpreter whose packages are those of the lock. */
export interface ReadyEnvironment {
  /** Absolute path of the interpreter. */
  interpreter: string
  /** Folder with `mlflow` and the other scripts. */
  binFolder: string
  /** Such as 3.11.7. */
  pythonVersion: string
  /** The environment's folder; null for the user's own interpreter. */
  folder: string | null
  /** SHA-256 of requirements.txt, hex. */
  lockSha256: string
}

/** One line of `doctor`. */
export interface Check {
  name: string
  ok: boolean
  message: string
  /** The one step that repairs it; null when the row is well. */
  cure: string | null
  /** The error code behind a failing row. */
  code: ErrorCode | null
}

/** The Python environment: made on first use, shared by projects with the same lock. */
export interface PythonEnvironments {
  /** Makes the environment when it is not there, under a lock. */
  ensure(onProgress: OnProgress, signal?: AbortSignal): Promise<ReadyEnvironment>
  /** The environment when it is ready, without making it. */
  find(): Promise<ReadyEnvironment | null>
  remove(): Promise<{ removed: string | null }>
  /** Node, Python, environment and packages against the lock; installs nothing. */
  inspect(): Promise<EnvironmentReport>
  /** Runs a script of the environment with our terminal and its folder first on PATH; its exit code. */
  run(
    ready: ReadyEnvironment,
    program: string,
    parameters: readonly string[],
    variables: Record<string, string>,
  ): Promise<number>
  /** Ends the scripts that `run` started. */
  dispose(): Promise<void>
}

/** What `doctor` knows of Python. */
export interface EnvironmentReport {
  ready: ReadyEnvironment | null
  /** The interpreter that is used or would be used; null when none will do. */
  python: { version: string; interpreter: string } | null
  checks: Check[]
}

/** Checks of this machine: folder, store, port. */
export interface HostChecks {
  folder(): Promise<Check>
  /** The folder for temporary files. */
  temporary(): Promise<Check>
  store(): Promise<{ check: Check; exists: boolean }>
  port(port: number): Promise<Check>
}
