import { setImmediate } from 'node:timers/promises'
import type { Scored } from '../../domain/serving/prediction.js'
import type { FeatureValue, ScoringEngine } from '../engine.js'
import { createRowEncoder } from './encode-row.js'
import type { Forest } from './forest.js'
import { addShares } from './walk.js'

const BLOCK_ROWS = 256
const ROWS_BEFORE_OTHERS = 8 * BLOCK_ROWS

/** A forest that scores rows, a block at a time and without memory of its own for each. */
export class CompiledForest implements ScoringEngine {
  readonly kind = 'compiled'
  readonly forest: Forest
  readonly #encoder
  readonly #features: Float32Array
  readonly #totals = new Float64Array(BLOCK_ROWS)

  constructor(forest: Forest) {
    this.forest = forest
    this.#encoder = createRowEncoder(forest.columns, forest.features)
    this.#features = new Float32Array(BLOCK_ROWS * this.#encoder.width)
  }

  async score(rows: readonly (readonly FeatureValue[])[]): Promise<readonly Scored[]> {
    const probabilities = new Float64Array(rows.length)
    for (let start = 0; start < rows.length; start += ROWS_BEFORE_OTHERS) {
      // Whoever waits for one row need not wait for somebody else's table.
      if (start > 0) await setImmediate()
      this.probabilities(rows, probabilities, start, Math.min(start + ROWS_BEFORE_OTHERS, rows.length))
    }
    const { threshold } = this.forest
    return Array.from(probabilities, (probability) => ({
      label: probability >= threshold ? 1 : 0,
      probability,
      threshold,
    }))
  }

  /**
   * Writes the probabilities of some of the rows to the same places.
   *
   * @throws ChurnOpsError `ENDPOINT_REFUSED` for a value that the model cannot take
   */
  probabilities(
    rows: readonly (readonly FeatureValue[])[],
    into: Float64Array,
    first = 0,
    end = rows.length,
  ): void {
    const { width } = this.#encoder
    const trees = this.forest.roots.length
    for (let start = first; start < end; start += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, end - start)
      this.#features.fill(0, 0, count * width)
      this.#totals.fill(0, 0, count)
      let hasBlanks = false
      for (let row = 0; row < count; row++) {
        const isBlank = this.#encoder.encode(
          rows[start + row] as readonly FeatureValue[],
          this.#features,
          row * width,
        )
        hasBlanks = isBlank || hasBlanks
      }
      addShares(this.forest, this.#features, width, this.#totals, count, hasBlanks)
      for (let row = 0; row < count; row++) into[start + row] = (this.#totals[row] as number) / trees
    }
  }

  async close(): Promise<void> {}
}
