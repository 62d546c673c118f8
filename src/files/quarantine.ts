import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, rmSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { csvCell } from '../domain/table/csv-cell.js'
import { quarantineOf } from '../domain/table/quarantine-name.js'
import { ChurnOpsError } from '../errors.js'
import type { Quarantine, QuarantineFile } from '../usecases/ports/tables.js'
import { type Draft, openDraft } from './draft.js'

const OWN_COLUMNS = ['line', 'problems']
const OWN_MARK = ' (churn-ops)'
const OWN_END = /,line(?: \(churn-ops\))*,problems(?: \(churn-ops\))*$/
const HEADER_BYTES = 65_536
const BUFFERED_CHARACTERS = 65_536

/**
 * Writes invalid rows to `NAME.quarantine.csv` next to the input, or into `quarantine/` of the state folder when that folder
 * cannot be written or holds a file of that name which is not ours. It holds the input's columns, then `line` and `problems`
 * (with a mark where the input has such a column).
 * A file that had no invalid row leaves none: an older quarantine of the same input is removed. Only the user may read it.
 */
export function createQuarantine(stateFolder: string): Quarantine {
  return {
    open: (inputPath, header) => new QuarantineWriter(header, places(inputPath, stateFolder)),
  }
}

/** Target files in order of preference. */
function places(inputPath: string, stateFolder: string): string[] {
  const name = basename(inputPath, extname(inputPath))
  const hash = createHash('sha256').update(inputPath).digest('hex').slice(0, 8)
  return [quarantineOf(inputPath), join(stateFolder, 'quarantine', `${name}-${hash}.quarantine.csv`)]
}

class QuarantineWriter implements QuarantineFile {
  readonly #header: string[]
  readonly #places: string[]
  #open: { draft: Draft; target: string } | null = null
  #buffered = ''

  constructor(header: string[], places: string[]) {
    this.#header = header
    this.#places = places
  }

  write(row: Parameters<QuarantineFile['write']>[0]): void {
    if (this.#open === null) this.#start()
    const problems = row.problems.map(({ column, message }) =>
      column === null ? message : `${column}: ${message}`,
    )
    const cells = [...fitted(row.fields, this.#header.length), String(row.line), problems.join('; ')]
    this.#buffered += csvLine(cells)
    if (this.#buffered.length > BUFFERED_CHARACTERS) this.#flush()
  }

  async close(): Promise<string | null> {
    if (this.#open === null) {
      for (const place of this.#places) if (isOurs(place)) rmSync(place, { force: true })
      return null
    }
    this.#flush()
    const { draft, target } = this.#open
    this.#open = null
    try {
      draft.commit()
    } catch (cause) {
      throw notWritten(target, cause)
    }
    return target
  }

  async discard(): Promise<void> {
    this.#open?.draft.discard()
    this.#open = null
    this.#buffered = ''
  }

  #start(): void {
    let failure: unknown
    for (const target of this.#places) {
      try {
        if (existsForOthers(target))
          throw new Error(`${target} exists and is not a quarantine file of churn-ops`)
        this.#open = { draft: openDraft(target), target }
        this.#buffered = csvLine([...this.#header, ...ownColumns(this.#header)])
        return
      } catch (cause) {
        failure = cause
      }
    }
    throw notWritten(this.#places.at(-1) ?? '', failure)
  }

  #flush(): void {
    if (this.#open === null) return
    try {
      this.#open.draft.write(this.#buffered)
    } catch (cause) {
      throw notWritten(this.#open.target, cause)
    }
    this.#buffered = ''
  }
}

/** A row as wide as the header: what is too much goes into its last cell. */
function fitted(fields: readonly string[], width: number): string[] {
  const cells = Array.from({ length: width }, (_, at) => fields[at] ?? '')
  if (fields.length > width && width > 0) cells[width - 1] = fields.slice(width - 1).join(',')
  return cells
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\n`
}

function existsForOthers(path: string): boolean {
  const start = firstRecord(path)
  return start !== null && !endsOurWay(start)
}

function isOurs(path: string): boolean {
  const start = firstRecord(path)
  return start !== null && endsOurWay(start)
}

function endsOurWay(line: string): boolean {
  return OWN_END.test(line)
}

/** Names of our columns, of which the table may have some itself. */
function ownColumns(header: readonly string[]): string[] {
  return OWN_COLUMNS.map((own) => {
    let name = own
    while (header.includes(name)) name += OWN_MARK
    return name
  })
}

/** The header of a file; null when there is none, empty when it is something that cannot be read. */
function firstRecord(path: string): string | null {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    const buffer = Buffer.alloc(HEADER_BYTES)
    const length = readSync(descriptor, buffer)
    // A name may hold line ends, inside quotes.
    return /^(?:"[^"]*"|[^"\r\n]+)*/.exec(buffer.subarray(0, length).toString('utf8'))?.[0] ?? ''
  } catch (error) {
    return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR' ? null : ''
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function notWritten(path: string, cause: unknown): ChurnOpsError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  if (codeOf(cause) === 'ENOSPC' || codeOf(cause) === 'EDQUOT') {
    return new ChurnOpsError('DISK_FULL', {
      message: `No space is left for the invalid rows (${path}); no row of the table was used.`,
      hint: 'Free some space and run the command again.',
      details: { path },
      cause,
    })
  }
  return new ChurnOpsError('NOT_WRITABLE', {
    message: `The invalid rows cannot be written: ${reason}. No row of the table was used.`,
    hint: 'Make the folder of the data file writable, or set CHURN_OPS_HOME to one that is.',
    details: { path },
    cause,
  })
}
