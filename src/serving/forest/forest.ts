import type { Read } from './array-file.js'

/** An input of a model; a category is one feature a value, from `feature` on, and null is a value like others. */
export type ForestColumn =
  | { kind: 'number'; name: string; feature: number }
  | { kind: 'category'; name: string; feature: number; values: (string | null)[] }

/**
 * A forest laid out for the walk.
 *
 * A value is compared with all thresholds at once: its rank is how many of `numbers` are smaller, and it is at most
 * `numbers[k]` exactly when its rank is at most `k`. So a step of the walk compares whole numbers, without a branch.
 */
export interface Forest {
  manifestSha256: string
  columns: readonly ForestColumn[]
  /** A row is positive when its probability is at least this. */
  threshold: number
  /** Thresholds and leaf shares, ascending. */
  numbers: Float64Array
  /**
   * Four whole numbers a node: the slot of a row's ranks that it looks at; the place of its threshold or share in
   * `numbers`; how far to go beyond the left child, which is the next node, to the right one; nothing. A leaf looks at slot
   * 0, whose rank is over all, and goes one node back: it stays where it is.
   */
  nodes: Int32Array
  /** Where each tree begins in `nodes`. */
  roots: Int32Array
  /** First slot of each column: a number has two, of which a blank goes right in the first and left in the second. */
  slots: Int32Array
  /** Slots of a row. */
  width: number
}

interface Facts {
  manifestSha256: string
  threshold: number
  features: number
  columns: readonly ForestColumn[]
}

interface Arrays {
  numbers: Float64Array
  sizes: Uint32Array
  codes: Uint16Array | Uint32Array
  places: Uint16Array | Uint32Array
}

const NODE = 4

/** Lays a forest out, or says why the arrays are none: a walk over what passes ends, and stays inside them. */
export function layOut(facts: Facts, { numbers, sizes, codes, places }: Arrays): Read<Forest> {
  const count = codes.length
  if (places.length !== count || sizes.length === 0) return { reason: 'its arrays do not fit together' }
  if (sizes.reduce((sum, size) => sum + size, 0) !== count) return { reason: 'its trees do not fit together' }
  if (!numbers.every((number, place) => place === 0 || number >= (numbers[place - 1] as number)))
    return { reason: 'its numbers do not ascend' }
  const slotted = slotsOf(facts)
  if (slotted === null) return { reason: 'its columns do not make its features' }
  const { slotOfCode, slots, width } = slotted
  const nodes = new Int32Array(count * NODE)
  const roots = new Int32Array(sizes.length)
  // Where the part of the tree that begins with a node ends; filled from behind, so that those below are known.
  const ends = new Int32Array(count)
  let first = count
  for (let tree = sizes.length - 1; tree >= 0; tree--) {
    const end = first
    first -= sizes[tree] as number
    roots[tree] = first * NODE
    for (let node = end - 1; node >= first; node--) {
      const code = codes[node] as number
      const place = places[node] as number
      if (place >= numbers.length) return { reason: 'a node has no number' }
      nodes[node * NODE + 1] = place
      if (code === 0) {
        nodes[node * NODE + 2] = -NODE
        ends[node] = node + 1
        continue
      }
      const slot = slotOfCode[code]
      if (slot === undefined || slot === 0) return { reason: 'a node splits a feature that is none' }
      const right = node + 1 < end ? (ends[node + 1] as number) : end
      if (right >= end) return { reason: 'a node has no two nodes below it' }
      nodes[node * NODE] = slot
      nodes[node * NODE + 2] = (right - node - 1) * NODE
      ends[node] = ends[right] as number
    }
    if (first >= end || ends[first] !== end) return { reason: 'a tree is not one tree' }
  }
  const { manifestSha256, columns, threshold } = facts
  return { value: { manifestSha256, columns, threshold, numbers, nodes, roots, slots, width } }
}

/** Gives columns their slots from 1 on, and the slot of each code of the file; null when the features are not theirs. */
function slotsOf({ columns, features }: Facts) {
  const slotOfCode = new Int32Array(2 * features + 2)
  const slots = new Int32Array(columns.length)
  let width = 1
  for (const [place, column] of columns.entries()) {
    slots[place] = width
    const made = column.kind === 'number' ? 1 : column.values.length
    if (column.feature + made > features) return null
    for (let feature = column.feature; feature < column.feature + made; feature++) {
      if (slotOfCode[2 * feature + 2] !== 0) return null
      slotOfCode[2 * feature + 2] = width
      // A category is never blank: it has a value more.
      slotOfCode[2 * feature + 3] = column.kind === 'number' ? width + 1 : width
      width += column.kind === 'number' ? 2 : 1
    }
  }
  return slotOfCode.subarray(2).includes(0) ? null : { slotOfCode, slots, width }
}
