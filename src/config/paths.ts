import { resolve } from 'node:path'

/** The absolute form of a path that a user typed in a folder. */
export function absolutePath(typed: string, folder: string): string {
  return resolve(folder, typed)
}
