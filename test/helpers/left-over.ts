import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

const GONE_WITHIN_MS = 5_000

/**
 * Waits until no process works in a folder or has it in its variables; returns the command lines of those that are
 * left after five seconds. Linux only: elsewhere nothing is found.
 */
export async function processesLeftIn(folder: string): Promise<string[]> {
  const deadline = Date.now() + GONE_WITHIN_MS
  while (true) {
    const found = processesIn(folder)
    if (found.length === 0 || Date.now() >= deadline) return found
    await setTimeout(50)
  }
}

function processesIn(folder: string): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        const worksThere = readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
        const marked = readFileSync(`/proc/${pid}/environ`, 'utf8').includes(folder)
        return commandLine !== '' && (worksThere || marked) ? [`${pid} ${commandLine}`] : []
      } catch {
        // It has ended, or is another user's.
        return []
      }
    })
}
