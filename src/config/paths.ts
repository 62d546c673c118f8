import { resolve } from 'node:path'
import { escaped, unescaped } from '../domain/store-address.js'
import { isDatabaseUrl } from '../domain/table/data-source.js'

/** The absolute form of a path that a user typed in a folder. */
export function absolutePath(typed: string, folder: string): string {
  return resolve(folder, typed)
}

/** Where a table is: the absolute form of a path, or a database's URL, in which the path of a SQLite file is absolute. */
export function tableLocation(typed: string, folder: string): string {
  if (!isDatabaseUrl(typed)) return resolve(folder, typed)
  const [, start, file, query = ''] = /^(sqlite[a-z0-9+]*:\/\/\/)(?!:memory:)([^?]+)(.*)$/is.exec(typed) ?? []
  if (start === undefined || file === undefined) return typed
  return `${start}${escaped(resolve(folder, unescaped(file)))}${query}`
}
