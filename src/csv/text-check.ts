import { isUtf8 } from 'node:buffer'
import { ChurnOpsError } from '../errors.js'

const LINE_FEED = 10

// What people pass by mistake, by its first bytes.
const SIGNATURES: readonly (readonly [bytes: readonly number[], name: string])[] = [
  [[0xff, 0xfe], 'UTF-16 text'],
  [[0xfe, 0xff], 'UTF-16 text'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive or an Excel workbook'],
  [[0x1f, 0x8b], 'a gzip archive'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file'],
  [[0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], 'an SQLite database'],
]

/**
 * Makes a check that takes a file's chunks in order and lets only UTF-8 pass; an empty chunk ends the file.
 *
 * @throws ChurnOpsError `DATA_ENCODING` with what the file looks like, and the line and byte of the first wrong one.
 */
export function createTextCheck(path: string): (chunk: Buffer) => void {
  let carried: Buffer = Buffer.alloc(0)
  let offset = 0
  let lines = 1
  return (chunk) => {
    if (offset === 0 && carried.length === 0) refuseOther(path, chunk)
    const bytes = carried.length === 0 ? chunk : Buffer.concat([carried, chunk])
    const whole = chunk.length === 0 ? bytes.length : wholeCharacters(bytes)
    const checked = bytes.subarray(0, whole)
    if (!isUtf8(checked)) throw notUtf8(path, checked, offset, lines)
    lines += countLines(checked)
    offset += whole
    carried = bytes.subarray(whole)
  }
}

function refuseOther(path: string, start: Buffer): void {
  const known = SIGNATURES.find(([bytes]) => bytes.every((byte, at) => start[at] === byte))
  const head = start.subarray(0, 512)
  // UTF-16 without a mark: every second byte of Latin text is zero.
  const zeros = head.filter((byte) => byte === 0).length
  const name = known?.[1] ?? (zeros * 4 >= head.length && zeros > 1 ? 'UTF-16 text' : null)
  if (name !== null)
    throw encodingError(path, 1, `looks like ${name}`, name === 'UTF-16 text' ? 'UTF-16' : null)
}

/** Length without a character that the next chunk completes. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return bytes.length
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return back < length ? bytes.length - back : bytes.length
    }
  }
  return bytes.length
}

function notUtf8(path: string, bytes: Buffer, offset: number, lines: number): ChurnOpsError {
  let low = 0
  let high = bytes.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    const whole = wholeCharacters(bytes.subarray(0, middle))
    if (isUtf8(bytes.subarray(0, whole))) low = middle
    else high = middle
  }
  // The byte that began the character which went wrong, not the one that showed it.
  const at = wholeCharacters(bytes.subarray(0, low))
  const line = lines + countLines(bytes.subarray(0, at))
  const byte = (bytes[at] ?? 0).toString(16)
  return encodingError(
    path,
    line,
    `byte ${offset + at} (0x${byte}) is not UTF-8; it looks like Latin-1`,
    'LATIN1',
  )
}

function countLines(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) count++
  return count
}

function encodingError(path: string, line: number, what: string, encoding: string | null): ChurnOpsError {
  return new ChurnOpsError('DATA_ENCODING', {
    message: `${path}: line ${line}: ${what}. No row was used.`,
    hint:
      encoding === null
        ? 'Export it as CSV in UTF-8.'
        : `Convert it: iconv -f ${encoding} -t UTF-8 FILE > NEW.csv`,
    details: { path, line, problems: [{ line, column: null, value: '', message: what }] },
  })
}
