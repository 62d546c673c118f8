import { z } from 'zod'
import { FOREST_FORMAT } from '../../contract/constants.js'
import { type Arrays, type Read, readArrayFile } from './array-file.js'
import { type Forest, layOut } from './forest.js'

const column = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('number'), name: z.string(), feature: z.int().nonnegative() }),
  z.object({
    kind: z.literal('category'),
    name: z.string(),
    feature: z.int().nonnegative(),
    values: z.array(z.string().nullable()),
  }),
])

const header = z.object({
  format: z.literal(FOREST_FORMAT),
  manifestSha256: z.string(),
  threshold: z.number(),
  features: z.int().nonnegative(),
  columns: z.array(column),
})

/**
 * Reads a compiled forest: `forest.json` with the columns and the threshold, and `forest.bin` with four arrays, in which
 * each tree's nodes stand with every node before those below it and the left ones first. So the left child of a node is the
 * next one, and the right child follows from where the left part ends.
 *
 * | array | type | holds |
 * | --- | --- | --- |
 * | `numbers` | float64 | the distinct thresholds and leaf shares, bit for bit, ascending |
 * | `sizes` | uint32 | nodes of each tree, in the order in which their shares are added |
 * | `codes` | uint16 or uint32, one a node | 0 for a leaf, else `2 × (feature + 1)`, and 1 more where a blank goes left |
 * | `places` | uint16 or uint32, one a node | where in `numbers` its threshold, or a leaf's share, is |
 *
 * A row goes left when its feature, rounded to float32, is at most the threshold.
 */
export async function readForest(folder: string): Promise<Read<Forest & { sha256: string }>> {
  const read = await readArrayFile(folder, 'forest', header)
  if ('reason' in read) return read
  const { header: facts, arrays, sha256 } = read.value
  const nodes = nodeArrays(arrays)
  if (nodes === null) return { reason: 'forest.json names other arrays than those of a forest' }
  const forest = layOut(facts, nodes)
  return 'reason' in forest ? forest : { value: { ...forest.value, sha256 } }
}

function nodeArrays(arrays: Arrays): Parameters<typeof layOut>[1] | null {
  const [numbers, sizes] = [arrays.get('numbers'), arrays.get('sizes')]
  const [codes, places] = [arrays.get('codes'), arrays.get('places')]
  if (!(numbers instanceof Float64Array) || !(sizes instanceof Uint32Array)) return null
  if (!isIntegers(codes) || !isIntegers(places)) return null
  return { numbers, sizes, codes, places }
}

function isIntegers(array: unknown): array is Uint16Array | Uint32Array {
  return array instanceof Uint16Array || array instanceof Uint32Array
}
