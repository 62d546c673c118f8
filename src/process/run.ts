import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { execa } from 'execa'

/** Options of a child process. */
export interface RunOptions {
  /** Variables besides the inherited ones; undefined removes one. */
  environment?: Record<string, string | undefined>
  /** Working folder; the current one by default. */
  folder?: string
}

/** How a process ended; both are null when it never started. */
export interface Ended {
  exitCode: number | null
  signal: NodeJS.Signals | null
}

/** A process that ran to its end. */
export interface Finished extends Ended {
  stdout: string
  stderr: string
  /** Why it did not start (such as `ENOENT`); null when it ran. */
  startError: string | null
  timedOut: boolean
}

/** A process that lives until it is ended. */
export interface LongLived {
  /** Null when it did not start; `ended` then holds the reason. */
  pid: number | null
  ended: Promise<Ended & { startError: string | null }>
  kill(signal: NodeJS.Signals): void
}

const KILL_GRACE_MS = 2_000
const OUTPUT_GRACE_MS = 500

/** Runs a program to its end and captures what it prints; never throws for a program that fails. */
export async function runToEnd(
  file: string,
  parameters: readonly string[],
  options: RunOptions & { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<Finished> {
  const result = await execa(file, parameters, {
    ...execaOptions(options),
    stdin: 'ignore',
    reject: false,
    forceKillAfterDelay: KILL_GRACE_MS,
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  })
  return {
    ...endOf(result),
    stdout: result.stdout,
    stderr: result.stderr,
    startError: startErrorOf(result),
    timedOut: result.timedOut,
  }
}

/** Starts a program that shares our terminal or pipes; the caller ends it. */
export function runInherited(
  file: string,
  parameters: readonly string[],
  options: RunOptions = {},
): LongLived {
  return longLived(execa(file, parameters, { ...execaOptions(options), stdio: 'inherit', reject: false }))
}

/**
 * Starts a program that lives until it is ended, and hands on its lines as they come.
 *
 * It gets SIGTERM when this process exits; a program that must not outlive a SIGKILL ties itself to us.
 */
export function spawnLongLived(
  file: string,
  parameters: readonly string[],
  options: RunOptions & {
    onLine?: (line: string, stream: 'stdout' | 'stderr') => void
    signal?: AbortSignal
  } = {},
): LongLived {
  const child = execa(file, parameters, {
    ...execaOptions(options),
    stdin: 'ignore',
    buffer: false,
    reject: false,
    forceKillAfterDelay: KILL_GRACE_MS,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  })
  const { onLine } = options
  // Unread pipes fill and block the child, so lines are read even when nobody wants them.
  const lines = [
    forwardLines(child.stdout, (line) => onLine?.(line, 'stdout')),
    forwardLines(child.stderr, (line) => onLine?.(line, 'stderr')),
  ]
  return longLived(child, lines)
}

function execaOptions(options: RunOptions) {
  return {
    env: options.environment ?? {},
    ...(options.folder === undefined ? {} : { cwd: options.folder }),
  }
}

interface Child extends PromiseLike<ExecaEnd> {
  pid?: number | undefined
  kill(signal: NodeJS.Signals): boolean
  once(event: 'exit', listener: (exitCode: number | null, signal: NodeJS.Signals | null) => void): unknown
}

function longLived(child: Child, outputRead: readonly Promise<void>[] = []): LongLived {
  const exited = new Promise<Ended>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }))
  })
  // execa waits for the pipes too, which a grandchild may hold open for ever; the exit itself is what counts.
  const exitedAndRead = exited.then(async (end) => {
    await Promise.race([Promise.all(outputRead), setTimeout(OUTPUT_GRACE_MS)])
    return { ...end, startError: null }
  })
  const settled = (async () => {
    const result = await child
    await Promise.all(outputRead)
    return { ...endOf(result), startError: startErrorOf(result) }
  })()
  return {
    pid: child.pid ?? null,
    ended: Promise.race([settled, exitedAndRead]),
    kill: (signal) => void child.kill(signal),
  }
}

interface ExecaEnd {
  exitCode?: number | undefined
  signal?: NodeJS.Signals | undefined
  code?: string | undefined
}

function endOf(result: ExecaEnd): Ended {
  return { exitCode: result.exitCode ?? null, signal: result.signal ?? null }
}

function startErrorOf(result: ExecaEnd): string | null {
  return result.exitCode === undefined && result.signal === undefined ? (result.code ?? 'unknown') : null
}

async function forwardLines(stream: Readable | null, onLine: (line: string) => void): Promise<void> {
  if (stream === null) return
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }))
      onLine(line)
  } catch {
    // The stream of a killed child may end in an error; its end is reported by `ended`.
  }
}
