import { readdir, readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { runToEnd } from './run.js'

const POLL_MS = 50

/** Ends a process and everything that it started: SIGTERM first, SIGKILL for what is left after `graceMs`. */
export async function endTree(pid: number, graceMs: number): Promise<void> {
  const known = new Set(await descendants(pid))
  signalAll(known, 'SIGTERM')
  const deadline = Date.now() + graceMs
  while ([...known].some(isAlive) && Date.now() < deadline) {
    await setTimeout(POLL_MS)
    for (const found of await descendants(pid)) known.add(found)
  }
  signalAll(known, 'SIGKILL')
}

/** A process and all its descendants, parents first. */
export async function descendants(pid: number): Promise<number[]> {
  const parents = await parentsOfAll()
  const tree = [pid]
  for (const member of tree) {
    for (const [child, parent] of parents) if (parent === member) tree.push(child)
  }
  return tree
}

async function parentsOfAll(): Promise<Map<number, number>> {
  return process.platform === 'linux' ? fromProc() : fromPs()
}

async function fromProc(): Promise<Map<number, number>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const entries = await Promise.all(
    pids.map(async (pid): Promise<[number, number][]> => {
      const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
      // The program's name stands in parentheses and may hold anything; the parent is the second field behind it.
      const parent = status?.slice(status.lastIndexOf(')') + 2).split(' ')[1]
      return parent === undefined ? [] : [[Number(pid), Number(parent)]]
    }),
  )
  return new Map(entries.flat())
}

async function fromPs(): Promise<Map<number, number>> {
  const listed = await runToEnd('ps', ['-A', '-o', 'pid=,ppid='])
  return new Map(
    listed.stdout
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .flatMap(([pid, parent]): [number, number][] =>
        pid === undefined || parent === undefined ? [] : [[pid, parent]],
      ),
  )
}

function signalAll(pids: Iterable<number>, signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It is gone already, which is what was wanted.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
