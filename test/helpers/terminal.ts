import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/** What a finished command left. */
export interface Finished {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** A command line that runs in a shell, as the leader of its own process group. */
export interface Running {
  pid: number
  ended: Promise<Finished>
  /** What it wrote until now. */
  written: { stdout: string; stderr: string }
  /** Signals every process of the group, as a terminal does. */
  signal(signal: NodeJS.Signals): void
  /** Resolves when the text has been written to stderr; fails when the command ends before. */
  untilWritten(text: string): Promise<void>
  /** Ends the group, by SIGTERM and after ten seconds by SIGKILL. */
  stop(): Promise<void>
}

/** Where a command line runs. */
export interface Place {
  folder: string
  variables?: Record<string, string | undefined>
}

const STOP_GRACE_MS = 10_000
const READY_DEADLINE_MS = 180_000
const POLL_MS = 100

/** Starts a command line. */
export function startCommand(line: string, { folder, variables = {} }: Place): Running {
  const child = spawn('bash', ['-c', line], {
    cwd: folder,
    detached: true,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { stdout: '', stderr: '' }
  const wake = new Set<() => void>()
  const receive = (name: 'stdout' | 'stderr') => (chunk: Buffer) => {
    written[name] += chunk.toString()
    for (const look of wake) look()
  }
  child.stdout.on('data', receive('stdout'))
  child.stderr.on('data', receive('stderr'))
  const ended = new Promise<Finished>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, ...written }))
  })
  const pid = child.pid ?? -1
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-pid, name)
    } catch {
      // The group has ended.
    }
  }
  return {
    pid,
    ended,
    written,
    signal,
    untilWritten: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (written.stderr.includes(text)) resolve()
        }
        wake.add(look)
        look()
        ended.then((how) => reject(new Error(`ended before ${text}: ${JSON.stringify(how)}`)))
      }),
    stop: async () => {
      signal('SIGTERM')
      const killing = new AbortController()
      const deadline = setTimeout(STOP_GRACE_MS, undefined, { signal: killing.signal }).then(
        () => signal('SIGKILL'),
        () => undefined,
      )
      await ended
      killing.abort()
      await deadline
    },
  }
}

/** Runs a command line to its end. */
export function runCommand(line: string, place: Place): Promise<Finished> {
  return startCommand(line, place).ended
}

/** Waits until a URL answers well; fails when the command that should answer ends before. */
export async function untilAnswers(url: string, running: Running): Promise<void> {
  let how: Finished | undefined
  running.ended.then((finished) => {
    how = finished
  })
  const deadline = Date.now() + READY_DEADLINE_MS
  while (Date.now() < deadline) {
    if (how !== undefined) throw new Error(`ended instead of answering at ${url}: ${JSON.stringify(how)}`)
    const answer = await fetch(url).catch(() => null)
    await answer?.body?.cancel()
    if (answer?.ok === true) return
    await setTimeout(POLL_MS)
  }
  throw new Error(`${url} did not answer: ${JSON.stringify(running.written)}`)
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
