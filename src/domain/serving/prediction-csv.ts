import { csvCell } from '../table/csv-cell.js'
import type { Prediction } from './prediction.js'

/** The first line of a file of predictions. */
export const PREDICTION_HEADER = 'row,id,label,probability,threshold'

/** One line of CSV without its end; the id cannot be taken for a formula by a spreadsheet. */
export function predictionLine({ row, id, label, probability, threshold }: Prediction): string {
  return [row, csvCell(id ?? ''), label, probability ?? '', threshold ?? ''].join(',')
}
