import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { z } from 'zod'
import { sqliteFile } from '../domain/store-address.js'
import { type TableSchema, tableSchema } from '../domain/table/schema.js'
import { asError, type Complaint, describeIssues } from './complaints.js'
import { foreignFiles } from './foreign-files.js'
import { normalize } from './normalize.js'
import { type Settings, type WrittenSettings, writtenSettings } from './schema.js'

/** The settings file that is read without being named, when it is there. */
export const SETTINGS_FILE = 'churn-ops.json'

/**
 * Gathers settings: option over environment over file over default.
 *
 * @param options parsed options by their kebab-case names
 * @param folder the current folder; relative paths in the file are relative to the file instead
 * @throws ChurnOpsError with every complaint at once, its code the first one's: `CONFIG_INVALID`, `USAGE`, `URL_INVALID`,
 * `MODEL_NAME_INVALID`, `GRID_INVALID` or `FOLDER_UNSAFE`.
 */
export async function readSettings(
  options: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
): Promise<Settings> {
  const named = options.config === undefined ? undefined : String(options.config)
  const path = resolve(folder, named ?? SETTINGS_FILE)
  const complaints: Complaint[] = await foreignFiles([path])
  const written: WrittenSettings =
    (await readJson(path, writtenSettings, named === undefined, complaints)) ?? {}
  const table = await readTable(written, dirname(path), complaints)
  const files = [path, ...(written.schema === undefined ? [] : [resolve(dirname(path), written.schema)])]
  const normalized = normalize({
    options,
    environment,
    written,
    table,
    files,
    fileFolder: dirname(path),
    folder,
  })
  const store = sqliteFile(normalized.settings.trackingUri)
  if (store !== null) complaints.push(...(await foreignFiles([store, join(dirname(store), '.churn-ops')])))
  const [first, ...others] = [...complaints, ...normalized.complaints]
  if (first !== undefined) throw asError([first, ...others])
  return normalized.settings
}

async function readTable(
  written: WrittenSettings,
  folder: string,
  complaints: Complaint[],
): Promise<TableSchema | undefined> {
  if (written.schema === undefined) return undefined
  return readJson(resolve(folder, written.schema), tableSchema, false, complaints)
}

async function readJson<T>(
  path: string,
  shape: z.ZodType<T>,
  mayBeMissing: boolean,
  complaints: Complaint[],
): Promise<T | undefined> {
  try {
    const text = await readFile(path, 'utf8')
    const read = shape.safeParse(JSON.parse(text.replace(/^\ufeff/, '')))
    if (read.success) return read.data
    complaints.push(...describeIssues(path, read.error.issues, shape))
  } catch (error) {
    if (mayBeMissing && isMissing(error)) return undefined
    complaints.push({ code: 'CONFIG_INVALID', text: `${path} ${whyUnreadable(error)}.` })
  }
  return undefined
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function whyUnreadable(error: unknown): string {
  if (error instanceof SyntaxError) return `is not JSON: ${error.message}`
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'does not exist'
  if (code === 'EISDIR') return 'is a directory, not a file'
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`
}
