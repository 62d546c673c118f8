import { constants } from 'node:fs'
import { access, chmod, mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { ReadyEnvironment } from '../usecases/ports/environment.js'
import { cacheHome, environmentPrefix, environmentSuffix } from './cache-home.js'
import { notWritable } from './failure.js'
import type { Lock } from './lock.js'

const marker = z.object({ interpreter: z.string(), pythonVersion: z.string(), lockSha256: z.string() })

/** Folder of all managed environments of this user. */
export function environmentsFolder(): string {
  return join(cacheHome(process.env), 'environments')
}

/** Makes the folder of all environments. Throws ChurnOpsError `NOT_WRITABLE` or `DISK_FULL`. */
export async function makeEnvironmentsFolder(): Promise<string> {
  const folder = environmentsFolder()
  try {
    await makeFolder(folder)
    await access(folder, constants.W_OK)
  } catch (error) {
    throw notWritable(folder, error)
  }
  return folder
}

// Node's own recursive mkdir never ends where the system denies a folder with ENOENT, as below /proc.
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
    // Packages are no secret, and a system's administrator makes them for others too.
    await chmod(folder, 0o755)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || (await exists(dirname(folder)))) throw error
    await makeFolder(dirname(folder))
    await makeFolder(folder)
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** The newest finished environment of a lock; reads markers and starts nothing. */
export async function findManaged(lock: Lock): Promise<ReadyEnvironment | null> {
  for (const folder of await managedFolders(lock)) {
    const ready = await readReady(folder, lock)
    if (ready !== null) return ready
  }
  return null
}

/** The environment in a folder when it is finished, unmoved, and its base interpreter still there. */
export async function readReady(folder: string, lock: Lock): Promise<ReadyEnvironment | null> {
  const interpreter = join(folder, 'bin', 'python')
  try {
    const read = marker.parse(JSON.parse(await readFile(join(folder, 'ready.json'), 'utf8')))
    if (read.interpreter !== interpreter || read.lockSha256 !== lock.sha256) return null
    await access(interpreter, constants.X_OK)
    return {
      interpreter,
      binFolder: join(folder, 'bin'),
      pythonVersion: read.pythonVersion,
      folder,
      lockSha256: lock.sha256,
    }
  } catch {
    // No marker, half a marker, no interpreter: whatever the reason, it is not ready and will be made again.
    return null
  }
}

/** Folders of a lock's environments, finished or not, newest Python first. */
export async function managedFolders(lock: Lock): Promise<string[]> {
  const root = environmentsFolder()
  const names = await readdir(root).catch((): string[] => [])
  return names
    .filter((name) => name.startsWith(environmentPrefix(lock.sha256)) && name.endsWith(environmentSuffix()))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((name) => join(root, name))
}
