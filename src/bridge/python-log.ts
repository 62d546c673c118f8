import { type FileHandle, mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const LAST_LINES = 20
const PREFIX = 'churn-ops-bridge-'
// Enough for the last lines, however much a library printed before.
const TAIL_BYTES = 64 * 1024

/** The private file that takes whatever Python and its libraries print. */
export interface PythonLog {
  readonly path: string
  /** The last lines that are not blank, oldest first. */
  lastLines(count?: number): Promise<string[]>
  /** Takes the file out of its folder once Python has opened it; it can still be read here, and a kill leaves nothing. */
  hide(): Promise<void>
  remove(): Promise<void>
}

/** Makes a folder for the log that only this user can read. */
export async function createPythonLog(): Promise<PythonLog> {
  await removeOrphaned()
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`))
  const path = join(folder, 'python.log')
  const file = await open(path, 'ax+', 0o600)
  const hide = (): Promise<void> => rm(folder, { recursive: true, force: true })
  return {
    path,
    lastLines: async (count = LAST_LINES) => {
      // It may be closed already, when the end of Python is told twice.
      const lines = (await readTail(file).catch(() => '')).split('\n').filter((line) => line.trim() !== '')
      return lines.slice(-count)
    },
    hide,
    remove: async () => {
      await hide()
      await file.close()
    },
  }
}

/** Removes folders of processes that were killed before they could hide theirs. */
async function removeOrphaned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('-')[0] : Number.NaN)
    if (!Number.isInteger(pid) || lives(pid)) continue
    // Another user's folder is not ours to remove.
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined)
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function readTail(file: FileHandle): Promise<string> {
  const { size } = await file.stat()
  const length = Math.min(size, TAIL_BYTES)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length)
  return buffer.toString('utf8', 0, bytesRead)
}
