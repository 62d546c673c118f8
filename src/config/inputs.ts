import { fstatSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { sqliteFile } from '../domain/store-address.js'
import { isDatabaseUrl } from '../domain/table/data-source.js'
import { type Place, placeOf, placeOfOpened } from './place.js'
import type { Settings } from './schema.js'

/** What a run may read. */
export interface Reads {
  settings: Settings
  /** Options and positionals by name, but for those that name what is written; a value that names a file is read. */
  options: Readonly<Record<string, unknown>>
  /** The current folder. */
  folder: string
  /** Files that are read without being named. */
  others: readonly string[]
}

/** Options and positionals that name a table, whose invalid rows are put next to it. */
const TABLE_OPTIONS = ['file', 'data', 'on', 'retest']
// Beside a SQLite file are its log and journal; our lock has its name too.
const STORE_ENDINGS = ['', '-wal', '-shm', '-journal', '.lock']

/** Every file that a run may read, those of the settings also when they are not there yet. */
export function inputPlaces({ settings, options, folder, others }: Reads): Place[] {
  const { files, data, policy, python, trackingUri } = settings
  const store = sqliteFile(trackingUri)
  const fixed = [
    ...files,
    ...others,
    ...(data === null ? [] : pathsIn(data, folder)),
    ...[policy, python].flatMap((path) => (path !== null && isAbsolute(path) ? [path] : [])),
    ...(store === null ? [] : STORE_ENDINGS.map((ending) => `${store}${ending}`)),
  ]
  const values = Object.values(options).flat()
  const standardInput = values.includes('-') ? placeOfOpened('standard input', fstatSync(0)) : null
  return [
    ...placesOf(fixed),
    // A number or a name that is no file is no input, even where a folder is called like it.
    ...placesOf(values.flatMap((value) => pathsIn(value, folder))).filter(({ kind }) => kind === 'file'),
    ...(standardInput === null ? [] : [standardInput]),
  ]
}

/** Paths of the tables that a run may read and put invalid rows next to. */
export function tablePaths({
  settings,
  options,
  folder,
}: Pick<Reads, 'settings' | 'options' | 'folder'>): string[] {
  return [settings.data, ...TABLE_OPTIONS.map((name) => options[name])].flatMap((value) =>
    pathsIn(value, folder),
  )
}

/** Looks where paths lead. */
export function placesOf(paths: readonly string[]): Place[] {
  return [...new Set(paths)].map((path) => placeOf(path))
}

/** The file that a value may name, by its absolute path. */
function pathsIn(value: unknown, folder: string): string[] {
  if (typeof value !== 'string' || value === '' || value === '-') return []
  if (!isDatabaseUrl(value)) return [resolve(folder, value)]
  const file = /^sqlite[a-z0-9+]*:\/\/\/(?:file:)?([^?#]+)/i.exec(value)?.[1]
  return file === undefined ? [] : [resolve(folder, file)]
}
