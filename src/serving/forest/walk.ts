import type { Forest } from './forest.js'

// The compiler does not know that every place was checked when the forest was laid out; a function that says so would see
// arrays of two types, and each step would ask which.

/**
 * Adds the leaf shares of every tree to the totals of some rows: tree by tree, so that each total is added in the order of
 * the trees as scikit-learn adds it, and four rows at a time, since the steps of one wait for memory.
 *
 * @param ranks of the rows one after the other
 */
export function addShares(forest: Forest, ranks: Int32Array, totals: Float64Array, rows: number): void {
  const { numbers, nodes, roots, width } = forest
  const fours = rows - (rows % 4)
  for (let tree = 0; tree < roots.length; tree++) {
    const root = roots[tree] as number
    for (let row = 0; row < fours; row += 4) {
      const startA = row * width
      const startB = startA + width
      const startC = startB + width
      const startD = startC + width
      let a = root
      let b = root
      let c = root
      let d = root
      for (;;) {
        const skipA = nodes[a + 2] as number
        const skipB = nodes[b + 2] as number
        const skipC = nodes[c + 2] as number
        const skipD = nodes[d + 2] as number
        if ((skipA & skipB & skipC & skipD) < 0) break
        const pastA = (nodes[a + 1] as number) - (ranks[startA + (nodes[a] as number)] as number)
        const pastB = (nodes[b + 1] as number) - (ranks[startB + (nodes[b] as number)] as number)
        const pastC = (nodes[c + 1] as number) - (ranks[startC + (nodes[c] as number)] as number)
        const pastD = (nodes[d + 1] as number) - (ranks[startD + (nodes[d] as number)] as number)
        a = (a + 4 + ((pastA >> 31) & skipA)) | 0
        b = (b + 4 + ((pastB >> 31) & skipB)) | 0
        c = (c + 4 + ((pastC >> 31) & skipC)) | 0
        d = (d + 4 + ((pastD >> 31) & skipD)) | 0
      }
      totals[row] = (totals[row] as number) + (numbers[nodes[a + 1] as number] as number)
      totals[row + 1] = (totals[row + 1] as number) + (numbers[nodes[b + 1] as number] as number)
      totals[row + 2] = (totals[row + 2] as number) + (numbers[nodes[c + 1] as number] as number)
      totals[row + 3] = (totals[row + 3] as number) + (numbers[nodes[d + 1] as number] as number)
    }
    for (let row = fours; row < rows; row++) {
      totals[row] = (totals[row] as number) + shareOf(forest, ranks, row * width, root)
    }
  }
}

/** The total of the first row: four trees at a time, added in their order. */
export function sumOfShares(forest: Forest, ranks: Int32Array): number {
  const { numbers, nodes, roots } = forest
  const fours = roots.length - (roots.length % 4)
  let total = 0
  for (let tree = 0; tree < fours; tree += 4) {
    let a = roots[tree] as number
    let b = roots[tree + 1] as number
    let c = roots[tree + 2] as number
    let d = roots[tree + 3] as number
    for (;;) {
      const skipA = nodes[a + 2] as number
      const skipB = nodes[b + 2] as number
      const skipC = nodes[c + 2] as number
      const skipD = nodes[d + 2] as number
      if ((skipA & skipB & skipC & skipD) < 0) break
      const pastA = (nodes[a + 1] as number) - (ranks[nodes[a] as number] as number)
      const pastB = (nodes[b + 1] as number) - (ranks[nodes[b] as number] as number)
      const pastC = (nodes[c + 1] as number) - (ranks[nodes[c] as number] as number)
      const pastD = (nodes[d + 1] as number) - (ranks[nodes[d] as number] as number)
      a = (a + 4 + ((pastA >> 31) & skipA)) | 0
      b = (b + 4 + ((pastB >> 31) & skipB)) | 0
      c = (c + 4 + ((pastC >> 31) & skipC)) | 0
      d = (d + 4 + ((pastD >> 31) & skipD)) | 0
    }
    total += numbers[nodes[a + 1] as number] as number
    total += numbers[nodes[b + 1] as number] as number
    total += numbers[nodes[c + 1] as number] as number
    total += numbers[nodes[d + 1] as number] as number
  }
  for (let tree = fours; tree < roots.length; tree++) {
    total += shareOf(forest, ranks, 0, roots[tree] as number)
  }
  return total
}

function shareOf({ numbers, nodes }: Forest, ranks: Int32Array, start: number, root: number): number {
  let node = root
  for (;;) {
    const skip = nodes[node + 2] as number
    if (skip < 0) return numbers[nodes[node + 1] as number] as number
    const past = (nodes[node + 1] as number) - (ranks[start + (nodes[node] as number)] as number)
    node = (node + 4 + ((past >> 31) & skip)) | 0
  }
}
