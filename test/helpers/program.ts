import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { packageRoot } from '../../src/compose.js'

/** The built program as a process of its own, leading a process group as under a shell. */
export interface Program {
  pid: number
  /** Resolves with the first whole line of stdout; rejects when the program ends without one. */
  firstLine: Promise<string>
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }>
  /** Its own folder for temporary files. */
  temporary: string
  /** Sends a signal to the program and all in its group, as a terminal does. */
  signalGroup(signal: NodeJS.Signals): void
  /** Kills what is left and removes the temporary folder. */
  cleanUp(): Promise<void>
}

/** Starts `churn-ops` from `dist`. */
export function startProgram(
  argv: readonly string[],
  options: {
    folder: string
    input?: string
    /** Beside those of this process; undefined removes one. */
    variables?: Record<string, string | undefined>
    /** A program that runs ours, with its own arguments. */
    under?: readonly string[]
  },
): Program {
  const temporary = mkdtempSync(join(options.variables?.TMPDIR ?? tmpdir(), 'churn-ops-test-'))
  const [file = '', ...parameters] = [
    ...(options.under ?? []),
    process.execPath,
    join(packageRoot, 'dist', 'bin.js'),
    ...argv,
  ]
  const child = spawn(file, parameters, {
    cwd: options.folder,
    detached: true,
    env: { ...process.env, ...options.variables, TMPDIR: temporary },
  })
  child.stdin.end(options.input ?? '')
  const written = { stdout: '', stderr: '' }
  child.stderr.on('data', (chunk: Buffer) => {
    written.stderr += chunk.toString()
  })
  const ended = new Promise<Awaited<Program['ended']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, ...written }))
  })
  const firstLine = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      written.stdout += chunk.toString()
      const end = written.stdout.indexOf('\n')
      if (end >= 0) resolve(written.stdout.slice(0, end))
    })
    ended.then((how) => reject(new Error(`ended without a line: ${JSON.stringify(how)}`)))
  })
  firstLine.catch(() => undefined)
  const pid = child.pid ?? -1
  const signalGroup = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal)
    } catch {
      // It has ended.
    }
  }
  return {
    pid,
    firstLine,
    ended,
    temporary,
    signalGroup,
    cleanUp: async () => {
      signalGroup('SIGKILL')
      await ended
      rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

/** Milliseconds until none of these processes lives and the folder is empty; at most ten seconds. */
export async function untilGone(pids: readonly number[], folder: string): Promise<number> {
  const begun = Date.now()
  while (Date.now() - begun < 10_000) {
    if (!pids.some(lives) && readdirSync(folder).length === 0) return Date.now() - begun
    await setTimeout(20)
  }
  throw new Error(`left: ${JSON.stringify({ pids: pids.filter(lives), files: readdirSync(folder) })}`)
}

/** False for a zombie too: it holds nothing and waits only to be counted. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    if (process.platform !== 'linux') return true
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return status.slice(status.lastIndexOf(')') + 2)[0] !== 'Z'
  } catch {
    return false
  }
}
