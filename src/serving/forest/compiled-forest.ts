import { setImmediate } from 'node:timers/promises'
import type { FeatureValue, Scored } from '../../domain/serving/prediction.js'
import { ChurnOpsError } from '../../errors.js'
import type { ScoringEngine } from '../../usecases/ports/front.js'
import { createRowEncoder } from './encode-row.js'
import type { Forest } from './forest.js'
import { addShares, sumOfShares } from './walk.js'

type Rows = readonly (readonly FeatureValue[])[]

const BLOCK_ROWS = 256
const ROWS_BEFORE_OTHERS = 8 * BLOCK_ROWS

/** A forest that scores rows, a block at a time and without memory of its own for each. */
export class CompiledForest implements ScoringEngine {
  readonly kind = 'compiled'
  readonly forest: Forest
  readonly #encoder
  readonly #ranks: Int32Array
  readonly #totals = new Float64Array(BLOCK_ROWS)

  constructor(forest: Forest) {
    this.forest = forest
    this.#encoder = createRowEncoder(forest)
    this.#ranks = new Int32Array(BLOCK_ROWS * forest.width)
  }

  /** @throws ChurnOpsError `ENDPOINT_REFUSED` for a value that scikit-learn refuses too; then no row is scored. */
  async score(rows: Rows): Promise<readonly Scored[]> {
    const probabilities = new Float64Array(rows.length)
    for (let start = 0; start < rows.length; start += ROWS_BEFORE_OTHERS) {
      // Whoever waits for one row need not wait for somebody else's table.
      if (start > 0) await setImmediate()
      this.#probabilities(rows, probabilities, start, Math.min(start + ROWS_BEFORE_OTHERS, rows.length))
    }
    const { threshold } = this.forest
    return Array.from(probabilities, (probability) => ({
      label: probability >= threshold ? 1 : 0,
      probability,
      threshold,
    }))
  }

  /** Writes the probability of each row to the same place; errors as `score`. */
  probabilities(rows: Rows, into: Float64Array): void {
    this.#probabilities(rows, into, 0, rows.length)
  }

  async close(): Promise<void> {}

  #probabilities(rows: Rows, into: Float64Array, first: number, end: number): void {
    const { forest } = this
    for (let start = first; start < end; start += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, end - start)
      for (let row = 0; row < count; row++)
        this.#encode(rows[start + row] as Rows[number], row * forest.width)
      if (count === 1) {
        into[start] = sumOfShares(forest, this.#ranks) / forest.roots.length
        continue
      }
      this.#totals.fill(0, 0, count)
      addShares(forest, this.#ranks, this.#totals, count)
      for (let row = 0; row < count; row++)
        into[start + row] = (this.#totals[row] as number) / forest.roots.length
    }
  }

  #encode(row: Rows[number], start: number): void {
    try {
      this.#encoder.encode(row, this.#ranks, start)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new ChurnOpsError('ENDPOINT_REFUSED', {
        message: `${error.message}. No row was scored.`,
        hint: 'Give numbers as numbers, categories as texts, and null for what is not known.',
        cause: error,
      })
    }
  }
}
