import type { Read } from './array-file.js'
import type { ForestColumn } from './forest-file.js'

/**
 * A forest laid out for the walk: a node takes sixteen bytes that two views look at, so that one step touches one line of
 * the processor's cache. Of node `n`, `numbers[2n]` is the threshold or the leaf's share, `links[4n + 2]` the right child,
 * `links[4n + 3]` the code of the file; the left child is `n + 1`.
 */
export interface Forest {
  manifestSha256: string
  columns: readonly ForestColumn[]
  features: number
  /** A row is positive when its probability is at least this. */
  threshold: number
  numbers: Float64Array
  links: Int32Array
  /** The first node of each tree. */
  roots: Int32Array
}

interface Facts {
  manifestSha256: string
  threshold: number
  features: number
  columns: readonly ForestColumn[]
}

interface Nodes {
  numbers: Float64Array
  sizes: Uint32Array
  codes: Uint16Array | Uint32Array
  places: Uint16Array | Uint32Array
}

/** Lays a forest out, or says why the arrays are none: a walk over what passes ends, and stays inside them. */
export function layOut(facts: Facts, { numbers, sizes, codes, places }: Nodes): Read<Forest> {
  const count = codes.length
  if (sizes.length === 0 || places.length !== count) return { reason: 'its arrays do not fit together' }
  if (sizes.reduce((sum, size) => sum + size, 0) !== count) return { reason: 'its trees do not fit together' }
  if (!coversFeatures(facts)) return { reason: 'its columns do not make its features' }
  const memory = new ArrayBuffer(count * 16)
  const forest = { ...facts, numbers: new Float64Array(memory), links: new Int32Array(memory) }
  const roots = new Int32Array(sizes.length)
  // Where the part of the tree that begins with a node ends; filled from behind, so that those below are known.
  const ends = new Int32Array(count)
  let first = count
  for (let tree = sizes.length - 1; tree >= 0; tree--) {
    const end = first
    first -= sizes[tree] as number
    roots[tree] = first
    for (let node = end - 1; node >= first; node--) {
      const code = codes[node] as number
      const number = numbers[places[node] as number]
      if (number === undefined || Number.isNaN(number)) return { reason: 'a node has no number' }
      forest.numbers[2 * node] = number
      forest.links[4 * node + 3] = code
      if (code === 0) {
        ends[node] = node + 1
        continue
      }
      if (code === 1 || code >> 1 > facts.features) return { reason: 'a node splits a feature that is none' }
      const right = node + 1 < end ? (ends[node + 1] as number) : end
      if (right >= end) return { reason: 'a node has no two nodes below it' }
      forest.links[4 * node + 2] = right
      ends[node] = ends[right] as number
    }
    if (first >= end || ends[first] !== end) return { reason: 'a tree is not one tree' }
  }
  return { value: { ...forest, roots } }
}

function coversFeatures({ columns, features }: Facts): boolean {
  const made = columns.flatMap((column) => {
    const width = column.kind === 'number' ? 1 : column.values.length
    return Array.from({ length: width }, (_, place) => column.feature + place)
  })
  return made.length === features && made.sort((a, b) => a - b).every((feature, place) => feature === place)
}
