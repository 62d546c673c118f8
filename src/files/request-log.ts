import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoggedRow } from '../domain/serving/logged-row.js'
import type { RequestLog } from '../usecases/ports/front.js'
import { LOG_FOLDER, logFileName, logFileNumber } from './request-log-files.js'

const FILE_BYTES = 64 * 1024 * 1024
/** More than this is not held for a disk that is too slow. */
const HELD_CHARACTERS = 16 * 1024 * 1024
/** How long a log that failed rests before it tries again. */
const REST_MS = 5_000

/** What of a log can be set. */
export interface RequestLogOptions {
  fileBytes?: number
  heldCharacters?: number
  restMs?: number
  /** Told when logging stops and when it goes on. */
  say?(line: string): void
}

/**
 * The log of scored rows: one JSON object a line, in `requests/DAY.jsonl` of the state folder, which only the user may read.
 * Several processes may append at once, since each writes whole lines. When the disk does not take them, rows are dropped
 * and counted, and it is tried again later.
 */
export function createRequestLog(stateFolder: string, options: RequestLogOptions = {}): RequestLog {
  const { fileBytes = FILE_BYTES, heldCharacters = HELD_CHARACTERS, restMs = REST_MS } = options
  const file = new DayFile(join(stateFolder, LOG_FOLDER), fileBytes)
  let held: string[] = []
  let heldSize = 0
  let writing: Promise<void> | null = null
  let reason: string | null = null
  let restUntil = 0
  let written = 0
  let dropped = 0

  const drop = (rows: number, why: string): void => {
    dropped += rows
    if (reason === null) options.say?.(`warning requests are not logged: ${why}; answers go on.`)
    reason = why
  }
  const flush = async (): Promise<void> => {
    while (held.length > 0) {
      const lines = held
      held = []
      heldSize = 0
      try {
        await file.append(lines.join(''))
        written += lines.length
        if (reason !== null) options.say?.('Requests are logged again.')
        reason = null
      } catch (error) {
        restUntil = Date.now() + restMs
        drop(lines.length, reasonOf(error))
      }
    }
  }
  return {
    append(rows: readonly LoggedRow[]) {
      if (rows.length === 0) return
      if (Date.now() < restUntil) return drop(rows.length, reason ?? 'the disk does not take them')
      if (heldSize > heldCharacters) return drop(rows.length, 'rows come faster than the disk takes them')
      const lines = rows.map((row) => `${JSON.stringify(row)}\n`)
      held.push(...lines)
      heldSize += lines.reduce((sum, line) => sum + line.length, 0)
      writing ??= flush().finally(() => {
        writing = null
      })
    },
    state: () => ({ ok: reason === null, reason, written, dropped }),
    async close() {
      while (writing !== null) await writing
      await file.close()
    },
  }
}

/** The file of the day, and the next one when it is full. */
class DayFile {
  readonly #folder: string
  readonly #fileBytes: number
  #open: { handle: FileHandle; path: string; day: string } | null = null

  constructor(folder: string, fileBytes: number) {
    this.#folder = folder
    this.#fileBytes = fileBytes
  }

  async append(text: string): Promise<void> {
    try {
      const { handle, size } = await this.#current()
      await appendWhole(handle, size, text)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#open?.handle.close().catch(() => undefined)
    this.#open = null
  }

  async #current(): Promise<{ handle: FileHandle; size: number }> {
    const day = new Date().toISOString().slice(0, 10)
    const size = this.#open?.day === day ? await this.#usableSize(this.#open) : null
    if (this.#open !== null && size !== null) return { handle: this.#open.handle, size }
    await this.close()
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const numbers = (await readdir(this.#folder)).map((name) => logFileNumber(name, day))
    for (let number = Math.max(1, ...numbers); ; number++) {
      const path = join(this.#folder, logFileName(day, number))
      const handle = await open(path, constants.O_CREAT | constants.O_APPEND | constants.O_RDWR, 0o600)
      this.#open = { handle, path, day }
      if ((await handle.stat()).size < this.#fileBytes) return { handle, size: await endTornLine(handle) }
      await this.close()
    }
  }

  /** The size of the open file; null when it is full, or was taken away or replaced under us. */
  async #usableSize({ handle, path }: { handle: FileHandle; path: string }): Promise<number | null> {
    const [ours, there] = await Promise.all([handle.stat(), stat(path).catch(() => null)])
    return there !== null && there.ino === ours.ino && ours.size < this.#fileBytes ? ours.size : null
  }
}

/** Writes all of a text, or takes away the part that a full disk took. */
async function appendWhole(handle: FileHandle, size: number, text: string): Promise<void> {
  const bytes = Buffer.from(text)
  let done = 0
  try {
    while (done < bytes.length) done += (await handle.write(bytes, done)).bytesWritten
  } catch (error) {
    const now = await handle.stat()
    // Somebody else may have written behind it; then the torn line stays, and its end is set by the next one.
    if (done > 0 && now.size === size + done) await handle.truncate(size)
    throw error
  }
}

/** A line that a crash tore must not swallow the next one; gives the size of the file. */
async function endTornLine(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat()
  if (size === 0) return 0
  const last = Buffer.alloc(1)
  await handle.read(last, 0, 1, size - 1)
  if (last.toString() === '\n') return size
  await handle.write('\n')
  return size + 1
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'no space is left'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'the state folder cannot be written'
  return `the log cannot be written (${code})`
}
