import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const LAST_LINES = 20
// Enough for the last lines, however much a library printed before.
const TAIL_BYTES = 64 * 1024

/** The private file that takes whatever Python and its libraries print. */
export interface PythonLog {
  readonly path: string
  /** The last lines that are not blank, oldest first. */
  lastLines(count?: number): Promise<string[]>
  remove(): Promise<void>
}

/** Makes a folder for the log that only this user can read. */
export async function createPythonLog(): Promise<PythonLog> {
  const folder = await mkdtemp(join(tmpdir(), 'churn-ops-bridge-'))
  const path = join(folder, 'python.log')
  return {
    path,
    lastLines: async (count = LAST_LINES) => {
      const lines = (await readTail(path)).split('\n').filter((line) => line.trim() !== '')
      return lines.slice(-count)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

// Python may have died before it made the file: then it said nothing.
async function readTail(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => null)
  if (file === null) return ''
  try {
    const { size } = await file.stat()
    const length = Math.min(size, TAIL_BYTES)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8')
  } finally {
    await file.close()
  }
}
