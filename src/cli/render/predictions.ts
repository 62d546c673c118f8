import { PREDICTION_HEADER, predictionLine } from '../../domain/serving/prediction-csv.js'
import { printable } from '../../domain/table/cell.js'
import type { PredictOutcome } from '../../usecases/serving/predict.js'
import { renderTable } from './table.js'

/** Predictions for people: the first rows, then what came of all. */
export function renderPredictions(outcome: PredictOutcome): string {
  const { counts, predictions, output, url, version } = outcome
  const withIds = predictions.some(({ id }) => id !== null)
  const table = renderTable(
    ['row', ...(withIds ? ['id'] : []), 'label', 'probability', 'threshold'],
    predictions.map(({ row, id, label, probability, threshold }) => [
      String(row),
      ...(withIds ? [printable(id ?? '')] : []),
      String(label),
      probability === null ? '–' : probability.toFixed(3),
      threshold === null ? '–' : threshold.toFixed(3),
    ]),
  )
  const more = counts.scored - predictions.length
  const rest = more <= 0 ? '' : `\n… ${more} more; see all with --output FILE or --format csv`
  const who = version === null ? url : `version ${version} at ${url}`
  const summary = `${counts.rows} rows: ${counts.scored} scored by ${who}, ${counts.rejected} rejected, ${counts.flagged} flagged as churn`
  return output === null ? `${table}${rest}\n\n${summary}` : `${summary}\nwritten to ${output}`
}

/** All predictions as CSV, as `--output` writes them. */
export function predictionsCsv(predictions: PredictOutcome['predictions']): string {
  return [PREDICTION_HEADER, ...predictions.map(predictionLine)].join('\n')
}
