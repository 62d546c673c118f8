import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ChurnOpsError } from '../errors.js'

/** A folder of its own, and how to take it away. */
export interface TemporaryFolder {
  path: string
  remove(): Promise<void>
}

const VARIABLES = ['TMPDIR', 'TMP', 'TEMP'] as const

/** Where temporary files go, by its absolute path, and the variable that says so; null for the system's own place. */
export function temporaryPlace(variables: Readonly<Record<string, string | undefined>> = process.env): {
  path: string
  variable: (typeof VARIABLES)[number] | null
} {
  const variable = VARIABLES.find((name) => variables[name]) ?? null
  return { path: resolve((variable === null ? undefined : variables[variable]) ?? tmpdir()), variable }
}

/**
 * Makes a new folder where the system keeps temporary files; its name tells whose it is, should we be killed.
 *
 * @throws ChurnOpsError `NOT_WRITABLE` or `DISK_FULL`, with the variable that names the place.
 */
export async function createTemporaryFolder(prefix: string): Promise<TemporaryFolder> {
  try {
    const path = await mkdtemp(join(temporaryPlace().path, `${prefix}${process.pid}-`))
    return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) }
  } catch (error) {
    throw temporaryFailure(error)
  }
}

/** The error for temporary files that cannot be written. */
export function temporaryFailure(cause: unknown): ChurnOpsError {
  const { path, variable } = temporaryPlace()
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  const why: Record<string, string> = { ENOENT: 'does not exist', ENOTDIR: 'is not a folder' }
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  return new ChurnOpsError(isFull ? 'DISK_FULL' : 'NOT_WRITABLE', {
    message: `The folder for temporary files, ${path}${variable === null ? '' : ` (from ${variable})`}, ${isFull ? 'is full' : (why[code] ?? `cannot be written (${code})`)}. Nothing was done.`,
    hint: 'Choose one that you can write to, for example with `export TMPDIR=/tmp`, then run it again.',
    details: { path, variable, reason: code },
    cause,
  })
}
