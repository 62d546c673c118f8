import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:fs'
import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { z } from 'zod'
import { ChurnOpsError } from '../errors.js'
import type { OnProgress } from '../usecases/ports.js'
import { decodeAnswer, decodeProgress, encodeRequest } from './wire.js'

/** What a Python process needs to start. */
export interface PythonProcessOptions {
  /** Absolute path of the interpreter. */
  interpreter: string
  /** Absolute path of the file with the function `call`. */
  entry: string
  /** Variables beside the inherited ones; undefined removes one. */
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
const LAST_LINES = 20
// A pythonia timeout of 0 would mean its default of 100 s; the longest that a timer can hold stands for "never".
const NO_TIMEOUT_MS = 2_147_483_647

/** The untyped edge: what we use of pythonia. */
interface Pythonia {
  // biome-ignore lint/suspicious/noExplicitAny: pythonia's proxies have no types; nothing but strings leaves this file.
  python: ((file: string) => Promise<any>) & { exit(): void }
  com: { proc: ChildProcess | null; start(): void; register(id: string, handler: unknown): void }
}

/** The Python process behind pythonia: start, call, dispose. One lives at a time in a Node process. */
export class PythonProcess {
  readonly #pythonia: Pythonia
  readonly #child: ChildProcess
  readonly #logFolder: string
  readonly #exited: Promise<string>
  // biome-ignore lint/suspicious/noExplicitAny: the proxy of the loaded entry file.
  #entry: any
  #stopping = false

  private constructor(pythonia: Pythonia, child: ChildProcess, logFolder: string) {
    this.#pythonia = pythonia
    this.#child = child
    this.#logFolder = logFolder
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
      child.on('error', (error) => resolve(error.message))
    })
  }

  /**
   * Starts Python and loads the entry file.
   *
   * @throws ChurnOpsError `PYTHON_MISSING` when there is no such interpreter, `PYTHON_DIED` when it ends at once.
   */
  static async start(options: PythonProcessOptions): Promise<PythonProcess> {
    await checkInterpreter(options.interpreter)
    const logFolder = await mkdtemp(join(tmpdir(), 'churn-ops-bridge-'))
    const { pythonia, child } = spawnThroughPythonia(options, join(logFolder, 'python.log'))
    const started = new PythonProcess(pythonia, child, logFolder)
    started.#entry = await started.#raceWithDeath(
      'start',
      pythonia.python(options.entry),
      START_TIMEOUT_MS,
    )
    return started
  }

  /** Process id of Python. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /**
   * Calls one method of the entry.
   *
   * @throws ChurnOpsError with Python's own code, or `PYTHON_DIED`, `PYTHON_TIMEOUT`, `BRIDGE_PROTOCOL`.
   */
  readonly call: CallPython = async (method, payload, shape, options = {}) => {
    const onProgress = (message: unknown): void => {
      const progress = decodeProgress(message)
      if (progress !== null) options.onProgress?.(progress)
    }
    const answer: unknown = await this.#raceWithDeath(
      method,
      this.#entry.call$(encodeRequest(method, payload), onProgress, { $timeout: NO_TIMEOUT_MS }),
      options.timeoutMs,
    )
    return decodeAnswer(answer, method, shape)
  }

  /** Asks Python to stop, kills it after a grace period, and removes the log. */
  async dispose(): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM')
      await withTimeout(this.#exited, STOP_GRACE_MS).catch(() => this.#child.kill('SIGKILL'))
      await this.#exited
    }
    this.#pythonia.python.exit = ignoreMissingChild(this.#pythonia.python.exit)
    this.#pythonia.python.exit()
    await rm(this.#logFolder, { recursive: true, force: true })
  }

  /** The last lines that Python and its libraries printed. */
  async lastLines(count = LAST_LINES): Promise<string[]> {
    const text = await readFile(join(this.#logFolder, 'python.log'), 'utf8').catch(() => '')
    return text.split('\n').filter((line) => line.trim() !== '').slice(-count)
  }

  async #raceWithDeath<T>(method: string, answer: Promise<T>, timeoutMs: number | undefined): Promise<T> {
    answer.catch(() => undefined)
    const death = this.#exited.then(async (how): Promise<never> => {
      throw await this.#died(method, how)
    })
    death.catch(() => undefined)
    const raced = Promise.race([answer, death])
    try {
      return timeoutMs === undefined ? await raced : await withTimeout(raced, timeoutMs)
    } catch (error) {
      if (error instanceof ChurnOpsError) throw error
      if (error instanceof TimeoutError) throw await this.#timedOut(method, error.timeoutMs)
      throw await this.#broke(method, error)
    }
  }

  async #died(method: string, how: string): Promise<ChurnOpsError> {
    const lastLines = await this.lastLines()
    return new ChurnOpsError('PYTHON_DIED', {
      message: `Python died (${how}) during ${method}.${quoted(lastLines)}`,
      hint: 'Run the same command again; if it dies again, run `churn-ops doctor`.',
      details: { method, how, lastLines },
    })
  }

  async #timedOut(method: string, timeoutMs: number): Promise<ChurnOpsError> {
    const lastLines = await this.lastLines()
    this.#child.kill('SIGKILL')
    return new ChurnOpsError('PYTHON_TIMEOUT', {
      message: `Python did not answer ${method} within ${timeoutMs / 1000} s and was stopped.${quoted(lastLines)}`,
      hint: 'Run the same command again, with --verbose to see what Python does.',
      details: { method, timeoutMs, lastLines },
    })
  }

  async #broke(method: string, cause: unknown): Promise<ChurnOpsError> {
    const lastLines = await this.lastLines()
    return new ChurnOpsError('BRIDGE_PROTOCOL', {
      message: `The bridge to Python broke during ${method}.${quoted(lastLines)}`,
      hint: 'Run `churn-ops doctor`, then the command again with --verbose.',
      details: { method, lastLines },
      cause,
    })
  }
}

/** A wait ran out; not for users. */
class TimeoutError extends Error {
  constructor(readonly timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`)
  }
}

async function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(timeoutMs)), timeoutMs)
  })
  try {
    return await Promise.race([promise, expired])
  } finally {
    clearTimeout(timer)
  }
}

async function checkInterpreter(interpreter: string): Promise<void> {
  try {
    await access(interpreter, constants.X_OK)
  } catch (cause) {
    throw new ChurnOpsError('PYTHON_MISSING', {
      message: `There is no Python interpreter at ${interpreter}.`,
      hint: 'Run `churn-ops doctor`.',
      details: { interpreter },
      cause,
    })
  }
}

// pythonia spawns while it is loaded, takes its interpreter from the environment, and offers no way to pass variables;
// require and not import, so that the child's 'error' event cannot fire before somebody listens.
function spawnThroughPythonia(
  options: PythonProcessOptions,
  logPath: string,
): { pythonia: Pythonia; child: ChildProcess } {
  const restore = setEnvironment({
    ...options.environment,
    PYTHON_BIN: options.interpreter,
    CHURN_OPS_BRIDGE_LOG: logPath,
    CHURN_OPS_PARENT_PID: String(process.pid),
    PYTHONDONTWRITEBYTECODE: undefined,
    PYTHONHOME: undefined,
    PYTHONPATH: undefined,
    PYTHONNOUSERSITE: '1',
    PYTHONUTF8: '1',
  })
  try {
    const load = createRequire(import.meta.url)
    const alreadyLoaded = load.resolve('pythonia') in load.cache
    const pythonia = load('pythonia') as Pythonia
    if (alreadyLoaded) restart(pythonia)
    const child = pythonia.com.proc
    if (child === null) throw new Error('pythonia started no process')
    return { pythonia, child }
  } finally {
    restore()
  }
}

// A second start in one Node process: pythonia forgets its own callback handler when it starts again.
function restart(pythonia: Pythonia): void {
  pythonia.com.start()
  const bridge = (globalThis as { __pythonBridge?: { jsi: { onMessage(message: unknown): void } } }).__pythonBridge
  if (bridge !== undefined) pythonia.com.register('jsi', bridge.jsi.onMessage.bind(bridge.jsi))
}

function setEnvironment(variables: Record<string, string | undefined>): () => void {
  const before = new Map(Object.keys(variables).map((name) => [name, process.env[name]]))
  const assign = (name: string, value: string | undefined): void => {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  for (const [name, value] of Object.entries(variables)) assign(name, value)
  return () => {
    for (const [name, value] of before) assign(name, value)
  }
}

function ignoreMissingChild(exit: () => void): () => void {
  return () => {
    try {
      exit()
    } catch {
      // The child was gone before: nothing is left to end.
    }
  }
}

function quoted(lines: string[]): string {
  return lines.length === 0 ? '' : ` Its last lines: ${lines.slice(-3).join(' | ')}`
}
