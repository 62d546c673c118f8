import type { FeatureValue } from '../../domain/serving/prediction.js'
import type { Forest } from './forest.js'

/** Turns the values of a row into ranks as the model's preprocessing would make features of them. */
export interface RowEncoder {
  /**
   * Writes the ranks of one row.
   *
   * @throws RangeError for a value that scikit-learn refuses too
   */
  encode(row: readonly FeatureValue[], ranks: Int32Array, start: number): void
}

/** Makes the encoder of a forest: a blank number stays blank, and a category that it does not know is no value at all. */
export function createRowEncoder({ columns, numbers, slots, width }: Forest): RowEncoder {
  const beyond = numbers.length
  const absent = rankOf(numbers, 0)
  const present = rankOf(numbers, 1)
  const readers = columns.map((column, place) => {
    const slot = slots[place] as number
    const values = column.kind === 'number' ? null : column.values
    return {
      name: column.name,
      slot,
      known: values && new Map(values.map((value, at) => [value, slot + at])),
    }
  })
  return {
    encode(row, ranks, start) {
      if (row.length !== readers.length)
        throw new RangeError(`A row has ${row.length} values for ${readers.length} columns`)
      ranks.fill(absent, start, start + width)
      ranks[start] = beyond
      for (let place = 0; place < readers.length; place++) {
        const { name, slot, known } = readers[place] as (typeof readers)[number]
        const value = row[place]
        if (known !== null) {
          if (value !== null && typeof value !== 'string')
            throw new RangeError(`The column ${name} takes texts`)
          const found = known.get(value)
          if (found !== undefined) ranks[start + found] = present
        } else if (value === null) {
          ranks[start + slot] = beyond
          ranks[start + slot + 1] = 0
        } else {
          const rank = rankOf(numbers, rounded(name, value))
          ranks[start + slot] = rank
          ranks[start + slot + 1] = rank
        }
      }
    },
  }
}

// The trees look at float32, and compare with thresholds of double width.
function rounded(name: string, value: FeatureValue | undefined): number {
  if (typeof value !== 'number') throw new RangeError(`The column ${name} takes numbers`)
  const single = Math.fround(value)
  if (!Number.isFinite(single)) throw new RangeError(`The column ${name} takes no number like ${value}`)
  return single
}

/** How many of some ascending numbers are smaller than a value. */
function rankOf(numbers: Float64Array, value: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
