import { createWriteStream } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ChurnOpsError } from '../errors.js'
import { createTemporaryFolder, temporaryFailure } from '../process/temporary-folder.js'
import type { InputFile } from '../usecases/ports/serving.js'

const SNIFFED_BYTES = 4_096

/** Where standard input comes from and where its rejected rows belong. */
export interface InputContext {
  stateFolder: string
  standardInput: Readable
}

/**
 * Opens a CSV or JSON file by its absolute path, or with `-` standard input, which is put into a temporary file.
 *
 * @throws ChurnOpsError `DATA_UNREADABLE` for what is missing, no regular file, or not to be read.
 */
export async function openInput(written: string, context: InputContext): Promise<InputFile> {
  if (written !== '-') {
    return { ...(await described(written)), name: written, dispose: async () => undefined }
  }
  const spool = await createTemporaryFolder('churn-ops-input-')
  const dispose = spool.remove
  try {
    const path = join(spool.path, 'stdin')
    await pipeline(context.standardInput, createWriteStream(path, { mode: 0o600 })).catch(
      (error: NodeJS.ErrnoException) => {
        throw error.syscall === 'write' ? temporaryFailure(error) : error
      },
    )
    // Rejected rows of a pipe have no file to be put next to.
    return { ...(await described(path)), name: join(context.stateFolder, 'stdin'), dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

async function described(path: string): Promise<Pick<InputFile, 'path' | 'kind' | 'text'>> {
  try {
    const facts = await stat(path)
    if (!facts.isFile())
      throw unreadable(path, facts.isDirectory() ? 'is a directory, not a file' : 'is not a regular file')
    return { path, kind: await kindOf(path), text: () => readText(path) }
  } catch (error) {
    if (error instanceof ChurnOpsError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    const why: Record<string, string> = {
      ENOENT: 'does not exist',
      EACCES: 'cannot be read: permission denied',
    }
    throw unreadable(path, why[code] ?? `cannot be read (${code})`, error)
  }
}

// A CSV header begins with a column name, and no column of ours begins with a bracket.
async function kindOf(path: string): Promise<'csv' | 'json'> {
  const file = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0)
    return /^\uFEFF?\s*[[{]/.test(buffer.subarray(0, bytesRead).toString('utf8')) ? 'json' : 'csv'
  } finally {
    await file.close()
  }
}

async function readText(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
}

function unreadable(path: string, why: string, cause?: unknown): ChurnOpsError {
  return new ChurnOpsError('DATA_UNREADABLE', {
    message: `${path} ${why}. Nothing was sent.`,
    hint: 'Give a CSV or JSON file that you can read, or - for standard input.',
    details: { path },
    cause,
  })
}
