import { ChurnOpsError } from '../../errors.js'
import type { FeatureValue } from '../engine.js'
import type { ForestColumn } from './forest-file.js'

/** Fills the features of one row, all of which are zero before. */
export interface RowEncoder {
  /** Slots of a row; the first is not used, so that a node's code leads to its slot by one shift. */
  readonly width: number
  /**
   * @returns whether a number is blank
   * @throws ChurnOpsError `ENDPOINT_REFUSED` for a value that scikit-learn refuses too
   */
  encode(row: readonly FeatureValue[], features: Float32Array, start: number): boolean
}

/** Makes the features of rows as the model's preprocessing does: a blank number stays blank, an unknown value is all zeros. */
export function createRowEncoder(columns: readonly ForestColumn[], features: number): RowEncoder {
  const slots = columns.map((column) => ({
    name: column.name,
    slot: column.feature + 1,
    known:
      column.kind === 'number'
        ? null
        : new Map(column.values.map((value, place) => [value, column.feature + 1 + place])),
  }))
  const refused = (name: string, why: string): ChurnOpsError =>
    new ChurnOpsError('ENDPOINT_REFUSED', {
      message: `The column ${name} ${why}; no row was scored.`,
      hint: 'Give numbers as numbers, categories as texts, and null for what is not known.',
      details: { column: name },
    })
  return {
    width: features + 1,
    encode(row, into, start) {
      if (row.length !== slots.length)
        throw refused('count', `of a row is ${row.length}, not ${slots.length}`)
      let hasBlank = false
      for (let place = 0; place < slots.length; place++) {
        const { name, slot, known } = slots[place] as (typeof slots)[number]
        const value = row[place]
        if (known !== null) {
          if (typeof value === 'number' || value === undefined) throw refused(name, 'takes texts')
          const found = known.get(value)
          if (found !== undefined) into[start + found] = 1
        } else if (value === null) {
          into[start + slot] = Number.NaN
          hasBlank = true
        } else {
          if (typeof value !== 'number') throw refused(name, 'takes numbers')
          // Writing into the array rounds to float32, as scikit-learn does.
          into[start + slot] = value
          const rounded = into[start + slot] as number
          if (Number.isNaN(rounded)) hasBlank = true
          else if (!Number.isFinite(rounded))
            throw refused(name, `has a number too large for the model: ${value}`)
        }
      }
      return hasBlank
    },
  }
}
