import type { Prediction } from './prediction.js'

/** The first line of a file of predictions. */
export const PREDICTION_HEADER = 'row,id,label,probability,threshold'

/** One line of CSV without its end; the id cannot be taken for a formula by a spreadsheet. */
export function predictionLine({ row, id, label, probability, threshold }: Prediction): string {
  return [row, quoted(guarded(id ?? '')), label, probability ?? '', threshold ?? ''].join(',')
}

// A spreadsheet runs what begins with one of these; a plain number is none.
function guarded(text: string): string {
  return /^[=+\-@\t\r\0]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text) ? `'${text}` : text
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
