import type { Forest } from './forest.js'

/**
 * Adds the leaf shares of every tree to the totals of some rows, tree by tree, so that each total is added in the order of
 * the trees and a tree stays in the processor's cache for all the rows.
 *
 * @param features of the rows one after the other, `width` slots each; a code's feature is its slot
 * @param hasBlanks whether any of them is NaN
 */
export function addShares(
  { numbers, links, roots }: Forest,
  features: Float32Array,
  width: number,
  totals: Float64Array,
  rows: number,
  hasBlanks: boolean,
): void {
  for (let tree = 0; tree < roots.length; tree++) {
    const root = roots[tree] as number
    for (let row = 0; row < rows; row++) {
      const start = row * width
      let node = root
      let code = links[4 * node + 3] as number
      if (hasBlanks) {
        while (code !== 0) {
          const value = features[start + (code >> 1)] as number
          const goesLeft = value <= (numbers[2 * node] as number) || ((code & 1) === 1 && Number.isNaN(value))
          node = goesLeft ? node + 1 : (links[4 * node + 2] as number)
          code = links[4 * node + 3] as number
        }
      } else {
        while (code !== 0) {
          const value = features[start + (code >> 1)] as number
          node = value <= (numbers[2 * node] as number) ? node + 1 : (links[4 * node + 2] as number)
          code = links[4 * node + 3] as number
        }
      }
      totals[row] = (totals[row] as number) + (numbers[2 * node] as number)
    }
  }
}
