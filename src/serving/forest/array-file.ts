import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** What was read, or why it is not fit for use: a reason is a fact about files in our own state folder, and no error. */
export type Read<Value> = { value: Value } | { reason: string }

/** The arrays of a binary file by name. */
export type Arrays = ReadonlyMap<string, Float64Array | Uint32Array | Uint16Array | Uint8Array>

const TYPES = { float64: Float64Array, uint32: Uint32Array, uint16: Uint16Array, uint8: Uint8Array }

const listing = z.object({
  arrays: z.record(
    z.string(),
    z.object({
      type: z.enum(['float64', 'uint32', 'uint16', 'uint8']),
      offset: z.int().nonnegative().multipleOf(8),
      length: z.int().nonnegative(),
    }),
  ),
  bytes: z.int().nonnegative(),
  sha256: z.string(),
})

/**
 * Reads `NAME.json` and the arrays of `NAME.bin`, which must have the size and the hash that the former names.
 *
 * @param shape what else stands in the JSON file
 */
export async function readArrayFile<Header>(
  folder: string,
  name: string,
  shape: z.ZodType<Header>,
): Promise<Read<{ header: Header; arrays: Arrays; sha256: string }>> {
  const [text, binary] = await Promise.all(
    ['json', 'bin'].map((end) => readFile(join(folder, `${name}.${end}`)).catch(() => null)),
  )
  if (text == null || binary == null) return { reason: `${name}.json or ${name}.bin is missing` }
  const parsed = jsonOf(text)
  const listed = listing.safeParse(parsed)
  const header = shape.safeParse(parsed)
  if (!listed.success || !header.success) return { reason: `${name}.json is damaged` }
  const { arrays, bytes, sha256 } = listed.data
  if (binary.length !== bytes) return { reason: `${name}.bin has ${binary.length} bytes instead of ${bytes}` }
  if (sha256Of(binary) !== sha256) return { reason: `${name}.bin was changed` }
  // A buffer may begin anywhere in its memory, and views of doubles must not.
  const memory = new Uint8Array(binary).buffer
  const found = new Map<string, Float64Array | Uint32Array | Uint16Array | Uint8Array>()
  for (const [key, { type, offset, length }] of Object.entries(arrays)) {
    const View = TYPES[type]
    if (offset + length * View.BYTES_PER_ELEMENT > bytes) return { reason: `${name}.json is damaged` }
    found.set(key, new View(memory, offset, length))
  }
  return { value: { header: header.data, arrays: found, sha256: sha256Of(text) } }
}

/** SHA-256 of some bytes, hex. */
export function sha256Of(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex')
}

/** JSON, or undefined when it is none. */
export function jsonOf(text: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(text).toString('utf8'))
  } catch {
    return undefined
  }
}
