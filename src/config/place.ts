import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'

/** Where a path leads: by the numbers that the system gives files, so that no link or spelling hides that two are one. */
export interface Place {
  /** Absolute, as it was written. */
  path: string
  kind: 'file' | 'folder' | 'other' | 'missing'
  /** The same for two paths exactly when they lead to one file, or would if it were there. */
  id: string
  /** The ids of all folders that it is in, by its name and by what links lead to. */
  inside: readonly string[]
}

const MAX_LINKS = 40

/** Looks where a path leads; what is missing is placed below the nearest folder that is there. */
export function placeOf(path: string, links = MAX_LINKS): Place {
  const absolute = resolve(path)
  const around = absolute === dirname(absolute) ? null : placeOf(dirname(absolute), links)
  const byName = around === null ? [] : [around.id, ...around.inside]
  const found = orNull(() => statSync(absolute))
  const target = links > 0 ? targetOf(absolute, found !== null) : null
  // A new file takes the place of the link, in its folder; what the link leads to is meant as well.
  const real = target === null ? null : placeOf(target, links - 1)
  const inside = [...new Set([...byName, ...(real?.inside ?? [])])]
  if (found !== null) return { path: absolute, kind: kindOf(found), id: idOf(found), inside }
  const missing = `${around?.id ?? ''}/${basename(absolute)}`
  return { path: absolute, kind: 'missing', id: real?.id ?? missing, inside }
}

/** The place of what an open file of this process leads to, such as standard input; null for what is no regular file. */
export function placeOfOpened(name: string, facts: Stats): Place | null {
  return facts.isFile() ? { path: name, kind: 'file', id: idOf(facts), inside: [] } : null
}

/** What a link leads to, also to something that is missing; null for what is no link. */
function targetOf(path: string, exists: boolean): string | null {
  if (orNull(() => lstatSync(path))?.isSymbolicLink() !== true) return null
  if (exists) return realpathSync(path)
  const folder = orNull(() => realpathSync(dirname(path))) ?? dirname(path)
  return resolve(folder, readlinkSync(path))
}

function kindOf(facts: Stats): Place['kind'] {
  if (facts.isFile()) return 'file'
  return facts.isDirectory() ? 'folder' : 'other'
}

function idOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`
}

function orNull<T>(ask: () => T): T | null {
  try {
    return ask()
  } catch {
    return null
  }
}
