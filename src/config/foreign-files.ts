import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Complaint } from './complaints.js'

const WRITABLE_BY_ALL = 0o002
const ROOT = 0

/**
 * What others may have laid out for us: in a folder that everybody can write, such as /tmp, a settings file names the program
 * that we run and a store the files that we load. In any other folder a colleague's files are as good as ours.
 *
 * @param paths absolute; what is not there is skipped
 */
export async function foreignFiles(paths: readonly string[]): Promise<Complaint[]> {
  const user = process.getuid?.()
  if (user === undefined) return []
  const found = await Promise.all(
    [...new Set(paths)].map(async (path): Promise<Complaint[]> => {
      const [file, folder] = await Promise.all([stat(path), stat(dirname(path))].map(orNull))
      if (file == null || folder == null || (folder.mode & WRITABLE_BY_ALL) === 0) return []
      if (file.uid === user || file.uid === ROOT) return []
      const text = `${path} belongs to another user (id ${file.uid}) in a folder that everyone can write to.`
      return [{ code: 'FOLDER_UNSAFE', text }]
    }),
  )
  return found.flat()
}

async function orNull<T>(facts: Promise<T>): Promise<T | null> {
  return facts.catch(() => null)
}
