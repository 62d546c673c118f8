import { z } from 'zod'
import type { FeatureValue } from '../../domain/serving/prediction.js'
import { type Read, readArrayFile } from './array-file.js'

/** Raw rows with scikit-learn's own answers. */
export interface ProofRows {
  count: number
  columns: number
  probabilities: Float64Array
  labels: Uint8Array
  /** The values of some rows as a request has them. */
  slice(start: number, end: number): FeatureValue[][]
}

const header = z.object({
  rows: z.int().positive(),
  texts: z.array(z.array(z.string().nullable()).nullable()),
})

/**
 * Reads `rows.json` and `rows.bin`: a column of numbers is an array of float64 with NaN for blanks, one of categories an array
 * of places in its texts, of which null is the last; `probabilities` and `labels` are the answers.
 */
export async function readProofRows(folder: string): Promise<Read<ProofRows>> {
  const read = await readArrayFile(folder, 'rows', header)
  if ('reason' in read) return read
  const { header: facts, arrays } = read.value
  const [probabilities, labels] = [arrays.get('probabilities'), arrays.get('labels')]
  const columns = facts.texts.map((texts, place) => ({ texts, values: arrays.get(`column${place}`) }))
  const isWhole = [probabilities, labels, ...columns.map(({ values }) => values)].every(
    (array) => array?.length === facts.rows,
  )
  if (!isWhole || !(probabilities instanceof Float64Array) || !(labels instanceof Uint8Array))
    return { reason: 'the rows of the proof are not whole' }
  const valueAt = (place: number, row: number): FeatureValue => {
    const { texts, values } = columns[place] as (typeof columns)[number]
    const value = values?.[row] as number
    return texts === null ? (Number.isNaN(value) ? null : value) : (texts[value] ?? null)
  }
  return {
    value: {
      count: facts.rows,
      columns: columns.length,
      probabilities,
      labels,
      slice: (start, end) =>
        Array.from({ length: end - start }, (_, row) =>
          columns.map((_, place) => valueAt(place, start + row)),
        ),
    },
  }
}
