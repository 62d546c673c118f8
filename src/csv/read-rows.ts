import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { type CsvError, type Info, Parser } from 'csv-parse'
import { ChurnOpsError } from '../errors.js'
import { createTextCheck } from './text-check.js'

/** One record: the header or a row. */
export interface CsvRecord {
  fields: string[]
  /** 1-based line of the file where the record starts. */
  line: number
}

/** How far the reading is, in bytes. */
export interface ReadState {
  bytesRead: number
  bytesTotal: number
}

/** Receives the records of one chunk in file order; the next chunk is read when it is done. */
export type OnRecords = (records: CsvRecord[], state: ReadState) => void | Promise<void>

// The longest field that Python's csv module reads; a record that is no longer has none that is.
const MAX_RECORD_BYTES = 131_072
const CHUNK_BYTES = 262_144

/**
 * Streams a CSV file once: memory stays flat, empty lines are skipped, nothing is guessed. Both this reader and Python's
 * csv module (strict off) find the same records: broken quotes, on which they differ, end the reading.
 *
 * @returns SHA-256 of the file's bytes, hex.
 * @throws ChurnOpsError `DATA_UNREADABLE`, `DATA_ENCODING`, or `DATA_INVALID` with the line of a broken quote.
 */
export async function readRows(path: string, onRecords: OnRecords): Promise<string> {
  const { file, bytesTotal } = await openFile(path)
  try {
    const hash = createHash('sha256')
    const checkText = createTextCheck(path)
    const parser = createRecordParser(path)
    let bytesRead = 0
    for (;;) {
      const chunk = await readChunk(file, path)
      bytesRead += chunk.length
      hash.update(chunk)
      checkText(chunk)
      const records = chunk.length === 0 ? await parser.end() : await parser.write(chunk)
      await onRecords(records, { bytesRead, bytesTotal: Math.max(bytesTotal, bytesRead) })
      if (chunk.length === 0) return hash.digest('hex')
    }
  } finally {
    await file.close()
  }
}

async function openFile(path: string): Promise<{ file: FileHandle; bytesTotal: number }> {
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    const facts = await file.stat()
    if (facts.isFile()) return { file, bytesTotal: facts.size }
    await file.close()
    throw unreadable(path, facts.isDirectory() ? 'is a directory, not a file' : 'is not a regular file')
  } catch (cause) {
    if (cause instanceof ChurnOpsError) throw cause
    await file?.close()
    throw unreadable(path, whyUnreadable(cause), cause)
  }
}

async function readChunk(file: FileHandle, path: string): Promise<Buffer> {
  try {
    // A fresh buffer each time: the parser keeps the tail of the last one.
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES)
    return buffer.subarray(0, bytesRead)
  } catch (cause) {
    throw unreadable(path, whyUnreadable(cause), cause)
  }
}

/** csv-parse behind two calls that give the records which a chunk completes. */
function createRecordParser(path: string): {
  write(chunk: Buffer): Promise<CsvRecord[]>
  end(): Promise<CsvRecord[]>
} {
  let records: CsvRecord[] = []
  const lines = createLineCount()
  const parser = new Parser({
    bom: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
    // Records are taken here and not from the readable side, whose line numbers run ahead of its records.
    on_record: (fields: string[], info: Info) => {
      records.push({ fields, line: lines.startOf(fields, info) })
      return null
    },
  })
  // The callbacks below report the error; without a listener the event would end the process.
  parser.on('error', () => undefined)
  parser.resume()
  const take = (): CsvRecord[] => {
    const taken = records
    records = []
    return taken
  }
  const settle = (start: (done: (error?: Error | null) => void) => void): Promise<CsvRecord[]> =>
    new Promise((resolve, reject) => {
      start((error) => {
        if (error === undefined || error === null) resolve(take())
        else reject(broken(path, error, lines.next(parser.info)))
      })
    })
  return {
    write: (chunk) => settle((done) => parser.write(chunk, done)),
    end: () => settle((done) => parser.end(done)),
  }
}

/** Lines where records start; csv-parse knows only where they end, and counts CRLF inside quotes twice. */
function createLineCount(): { startOf(fields: string[], info: Info): number; next(info: Info): number } {
  let lastEnd = 0
  let emptyLines = 0
  let countedTwice = 0
  const next = (info: Info): number => lastEnd + 1 + info.empty_lines - emptyLines - countedTwice
  return {
    next,
    startOf: (fields, info) => {
      const start = next(info)
      const withoutBreaks = lastEnd + 1 + info.empty_lines - emptyLines
      if (info.lines > withoutBreaks) {
        for (const field of fields) countedTwice += field.match(/\r\n/g)?.length ?? 0
      }
      lastEnd = info.lines
      emptyLines = info.empty_lines
      return start
    },
  }
}

function broken(path: string, error: Error, line: number): ChurnOpsError {
  const { code, column, quoting } = error as Partial<CsvError> & { column?: unknown; quoting?: unknown }
  const words: Record<string, string> = {
    CSV_QUOTE_NOT_CLOSED: 'opens a quote that is never closed',
    CSV_INVALID_CLOSING_QUOTE: 'has text after a closing quote; a quote may not be closed where it should be',
    INVALID_OPENING_QUOTE: 'has a quote inside an unquoted field',
    CSV_MAX_RECORD_SIZE: `is longer than ${MAX_RECORD_BYTES / 1024} KiB; a quote may not be closed`,
  }
  const what = words[String(code)] ?? `cannot be read: ${error.message}`
  const field = typeof column === 'number' ? `, field ${column + 1},` : ''
  return new ChurnOpsError('DATA_INVALID', {
    message: `${path}: the record at line ${line}${field} ${what}. Rows after it cannot be separated, so no row was used.`,
    hint: `Look at line ${line}: a quote inside a quoted field must be doubled.`,
    details: { path, problems: [{ line, column: null, value: '', message: `The record ${what}.` }], quoting },
    cause: error,
  })
}

function whyUnreadable(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ENOENT') return 'does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'cannot be read: permission denied'
  if (code === 'EISDIR') return 'is a directory, not a file'
  return `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
}

function unreadable(path: string, why: string, cause?: unknown): ChurnOpsError {
  return new ChurnOpsError('DATA_UNREADABLE', {
    message: `${path} ${why}.`,
    hint: 'Give a CSV file that you can read.',
    details: { path },
    cause,
  })
}
