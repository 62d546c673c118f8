import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of its own, and how to take it away. */
export interface TemporaryFolder {
  path: string
  remove(): Promise<void>
}

/** Makes a new folder where the system keeps temporary files; its name tells whose it is, should we be killed. */
export async function createTemporaryFolder(prefix: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}
