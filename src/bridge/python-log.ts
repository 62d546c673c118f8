import { type FileHandle, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createTemporaryFolder, temporaryFailure, temporaryPlace } from '../process/temporary-folder.js'

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
  const folder = await createTemporaryFolder(PREFIX)
  const path = join(folder.path, 'python.log')
  const file = await open(path, 'ax+', 0o600).catch(async (error: unknown) => {
    await folder.remove()
    throw temporaryFailure(error)
  })
  const hide = folder.remove
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
  const place = temporaryPlace().path
  // Whoever wants a folder of its own there is told what is wrong with it.
  for (const name of await readdir(place).catch((): string[] => [])) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('-')[0] : Number.NaN)
    if (!Number.isInteger(pid) || lives(pid)) continue
    // Another user's folder is not ours to remove.
    await rm(join(place, name), { recursive: true, force: true }).catch(() => undefined)
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
