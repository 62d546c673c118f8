import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { jsonOf } from './array-file.js'
import type { CompiledForest } from './compiled-forest.js'

const golden = z.object({
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))).min(1),
  probabilities: z.array(z.number()),
  labels: z.array(z.int()),
})

/** Asks a forest its made-up rows again; says what is wrong, or null when every answer is the same to the last bit. */
export async function whyNotGolden(folder: string, compiled: CompiledForest): Promise<string | null> {
  const text = await readFile(join(folder, 'golden.json')).catch(() => null)
  const read = golden.safeParse(text === null ? undefined : jsonOf(text))
  if (!read.success) return 'golden.json is missing or damaged'
  const { rows, probabilities, labels } = read.data
  const scored = await compiled.score(rows)
  const same = scored.filter(
    ({ probability, label }, row) => Object.is(probability, probabilities[row]) && label === labels[row],
  )
  return same.length === rows.length
    ? null
    : `${rows.length - same.length} golden rows get a different answer`
}
