import type { ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { z } from 'zod'
import type { OnProgress } from '../domain/progress.js'
import { ChurnOpsError } from '../errors.js'
import { isolatedPython } from '../process/isolated-python.js'
import { bridgeBroke, pythonDied, pythonTimedOut, stoppedOnRequest } from './bridge-errors.js'
import { checkInterpreter } from './check-interpreter.js'
import { createPythonLog, type PythonLog } from './python-log.js'
import { setEnvironment } from './set-environment.js'
import { decodeAnswer, decodeProgress, encodeRequest } from './wire.js'
import { TimeoutError, withTimeout } from './with-timeout.js'

/** What a Python process needs to start. */
export interface PythonProcessOptions {
  /** Absolute path of the interpreter. */
  interpreter: string
  /** Absolute path of the file with the function `call`. */
  entry: string
  /** Variables besides the inherited ones; undefined removes one. */
  environment?: Record<string, string | undefined>
}

/** How one call is made. */
export interface CallOptions {
  /** Milliseconds; without it a call may take as long as Python lives. */
  timeoutMs?: number
  onProgress?: OnProgress
}

/** Calls one method of the Python package and checks the shape of its answer. */
export type CallPython = <T>(
  method: string,
  payload: unknown,
  shape: z.ZodType<T>,
  options?: CallOptions,
) => Promise<T>

const START_TIMEOUT_MS = 30_000
const STOP_GRACE_MS = 1_500
const CHANNEL_LOST_MS = 500

/** The untyped edge: what we use of pythonia. */
interface Pythonia {
  // biome-ignore lint/suspicious/noExplicitAny: pythonia's proxies have no types; nothing but strings leaves this file.
  python: ((file: string) => Promise<any>) & { exit(): void }
  com: { proc: ChildProcess }
}

/** The Python process behind pythonia: start, call, dispose. */
export class PythonProcess {
  readonly #pythonia: Pythonia
  readonly #child: ChildProcess
  readonly #log: PythonLog
  /** How Python ended, in words. */
  readonly #exited: Promise<string>
  // biome-ignore lint/suspicious/noExplicitAny: the proxy of the loaded entry file.
  #entry: any
  #lastCall: Promise<unknown> = Promise.resolve()
  #calling = false
  #disposal: Promise<void> | undefined

  private constructor(pythonia: Pythonia, log: PythonLog) {
    const child = pythonia.com.proc
    this.#pythonia = pythonia
    this.#child = child
    this.#log = log
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) =>
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`),
      )
      child.on('error', (error) => {
        // Errors of the channel are followed by the exit; a failed spawn is not.
        if (child.pid === undefined) resolve(error.message)
      })
    })
    child.once('disconnect', () => {
      // Without its channel Python can answer nothing any more; usually it is just ending.
      setTimeout(() => child.kill('SIGKILL'), CHANNEL_LOST_MS + STOP_GRACE_MS).unref()
    })
  }

  /**
   * Starts Python and loads the entry file.
   *
   * @throws ChurnOpsError `PYTHON_MISSING` when there is no such interpreter, `PYTHON_DIED` when it ends at once,
   * `BRIDGE_PROTOCOL` when the entry cannot be loaded.
   */
  static async start(options: PythonProcessOptions): Promise<PythonProcess> {
    await checkInterpreter(options.interpreter)
    const log = await createPythonLog()
    let started: PythonProcess | undefined
    try {
      const pythonia = spawnThroughPythonia(options, log.path)
      started = new PythonProcess(pythonia, log)
      started.#entry = await started.#raceWithDeath('start', pythonia.python(options.entry), START_TIMEOUT_MS)
      await log.hide()
      return started
    } catch (error) {
      await (started === undefined ? log.remove() : started.dispose())
      throw error instanceof ChurnOpsError ? error : bridgeBroke('start', error, [])
    }
  }

  /** Process id of Python. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /**
   * Calls one method of the entry. Calls are answered one after the other, since pythonia would run a second one
   * inside the progress message of the first.
   *
   * @throws ChurnOpsError with Python's own code, or `PYTHON_DIED`, `PYTHON_TIMEOUT`, `BRIDGE_PROTOCOL`, `INTERRUPTED`.
   */
  readonly call: CallPython = (method, payload, shape, options = {}) => {
    const request = encodeRequest(method, payload)
    const turn = this.#lastCall.then(async () => {
      const answer = await this.#send(method, request, options)
      return decodeAnswer(answer, method, shape)
    })
    this.#lastCall = turn.catch(() => undefined)
    return turn
  }

  /**
   * Ends Python: interrupts a running call, lets Python leave in its own way, kills it after 1.5 s. Safe to repeat.
   */
  dispose(): Promise<void> {
    this.#disposal ??= this.#stop()
    return this.#disposal
  }

  /** The last lines that Python and its libraries printed. */
  lastLines(count?: number): Promise<string[]> {
    return this.#log.lastLines(count)
  }

  async #send(method: string, request: string, options: CallOptions): Promise<unknown> {
    if (this.#disposal !== undefined) throw stoppedOnRequest(method)
    if (this.#ended) throw pythonDied(method, await this.#exited, await this.lastLines())
    this.#calling = true
    try {
      const answer = this.#entry.call$(request, progressReceiver(options.onProgress), { $timeout: Infinity })
      return await this.#raceWithDeath(method, answer, options.timeoutMs)
    } finally {
      this.#calling = false
    }
  }

  async #stop(): Promise<void> {
    const grace = withTimeout(this.#leave(), STOP_GRACE_MS)
    await grace.catch(() => this.#child.kill('SIGKILL'))
    if (!this.#ended) await this.#exited
    this.#pythonia.python.exit()
    await this.#log.remove()
  }

  async #leave(): Promise<void> {
    if (this.#ended) return
    if (this.#calling) {
      this.#child.kill('SIGTERM')
      await Promise.race([this.#lastCall, this.#exited])
    }
    // The end of its input is what makes an idle Python leave, with its exit handlers run.
    if (this.#child.connected) this.#child.disconnect()
    await this.#exited
  }

  get #ended(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  async #raceWithDeath<T>(method: string, answer: Promise<T>, timeoutMs: number | undefined): Promise<T> {
    const death = this.#exited.then(async (how): Promise<never> => {
      if (this.#disposal !== undefined) throw stoppedOnRequest(method)
      throw pythonDied(method, how, await this.lastLines())
    })
    const raced = Promise.race([answer, death])
    try {
      return timeoutMs === undefined ? await raced : await withTimeout(raced, timeoutMs)
    } catch (error) {
      if (error instanceof ChurnOpsError) throw error
      const lastLines = await this.lastLines()
      if (!(error instanceof TimeoutError)) throw bridgeBroke(method, error, lastLines)
      this.#child.kill('SIGKILL')
      throw pythonTimedOut(method, error.timeoutMs, lastLines)
    }
  }
}

// A throwing receiver would come up inside Python's work as an error of its own.
function progressReceiver(onProgress: OnProgress | undefined): (message: unknown) => void {
  return (message) => {
    const progress = decodeProgress(message)
    if (progress === null) return
    try {
      onProgress?.(progress)
    } catch {
      // Showing progress is never worth the work that it shows.
    }
  }
}

// pythonia spawns while it is loaded, takes its interpreter from the environment, and offers no way to pass variables;
// require and not import, so that the child's 'error' event cannot fire before somebody listens.
function spawnThroughPythonia(options: PythonProcessOptions, logPath: string): Pythonia {
  const restore = setEnvironment({
    ...isolatedPython(),
    ...options.environment,
    PYTHON_BIN: options.interpreter,
    CHURN_OPS_BRIDGE_LOG: logPath,
    CHURN_OPS_PARENT_PID: String(process.pid),
    // With it pythonia prints every message to our stdout.
    DEBUG: undefined,
    // No timers of pythonia's own: we race every call, and a forgotten timer keeps Node alive.
    REQ_TIMEOUT: '0',
  })
  try {
    return loadFreshPythonia()
  } finally {
    restore()
  }
}

// Each start has a copy of its own: pythonia would take references and garbage of a former Python for the new one's.
function loadFreshPythonia(): Pythonia {
  const load = createRequire(import.meta.url)
  const folder = dirname(load.resolve('pythonia'))
  for (const path of Object.keys(load.cache)) {
    if (path.startsWith(folder)) delete load.cache[path]
  }
  return load('pythonia') as Pythonia
}
