import { readdir, readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { runToEnd } from './run.js'

const POLL_MS = 50
const KILL_WAIT_MS = 1_000

/** Ends a process and everything that it started: SIGTERM first, SIGKILL for what is left after `graceMs`. */
export async function stopProcessTree(pid: number, graceMs: number): Promise<void> {
  const known = new Set(await descendants(pid))
  signalAll(known, 'SIGTERM')
  if (await allGone(known, graceMs)) return
  signalAll(known, 'SIGKILL')
  await allGone(known, KILL_WAIT_MS)
}

/** A living process and all its descendants, parents first. */
export async function descendants(pid: number): Promise<number[]> {
  return treeOf([pid], await livingProcesses())
}

// What a dying process still starts is found as long as one of its line is known.
async function allGone(known: Set<number>, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs
  while (true) {
    const living = await livingProcesses()
    for (const found of treeOf([...known], living)) known.add(found)
    if (![...known].some((pid) => living.has(pid))) return true
    if (Date.now() >= deadline) return false
    await setTimeout(POLL_MS)
  }
}

function treeOf(roots: readonly number[], living: ReadonlyMap<number, number>): number[] {
  const tree = [...roots]
  for (const member of tree) {
    for (const [child, parent] of living) if (parent === member && !tree.includes(child)) tree.push(child)
  }
  return tree
}

/** Process id → parent's id; without the dead that nobody has waited for yet. */
async function livingProcesses(): Promise<Map<number, number>> {
  return process.platform === 'linux' ? fromProc() : fromPs()
}

async function fromProc(): Promise<Map<number, number>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const entries = await Promise.all(
    pids.map(async (pid): Promise<[number, number][]> => {
      const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      // The program's name stands in parentheses and may hold anything; state and parent come behind it.
      const [state, parent] = status.slice(status.lastIndexOf(')') + 2).split(' ')
      return parent === undefined || state === 'Z' ? [] : [[Number(pid), Number(parent)]]
    }),
  )
  return new Map(entries.flat())
}

async function fromPs(): Promise<Map<number, number>> {
  const listed = await runToEnd('ps', ['-A', '-o', 'pid=,ppid=,stat='])
  const rows = listed.stdout.split('\n').map((line) => line.trim().split(/\s+/))
  return new Map(
    rows
      .filter(([, , state]) => state?.startsWith('Z') === false)
      .map(([pid, parent]): [number, number] => [Number(pid), Number(parent)]),
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
