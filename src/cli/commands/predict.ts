import { EXIT } from '../../errors.js'
import { chosenOutput } from '../chosen-output.js'
import type { Command } from '../command.js'

const SHOWN_ROWS = 20

export const predictCommand: Command = {
  name: 'predict',
  description: 'Score a CSV or JSON file through the live endpoint',
  positionals: { file: { describe: 'CSV or JSON file; - reads standard input', demandOption: true } },
  options: {
    url: {
      type: 'string',
      requiresArg: true,
      default: 'http://127.0.0.1:8000',
      describe: 'URL of the endpoint',
    },
    output: { type: 'string', requiresArg: true, describe: 'Write the predictions to this CSV file' },
    format: { choices: ['table', 'csv'], default: 'table', describe: 'Format of the predictions on stdout' },
    batch: { type: 'number', requiresArg: true, default: 1000, describe: 'Rows per request' },
  },
  outputs: ({ options, folder }) => chosenOutput('output', 'file', { options, folder }),
  async handler({ options, settings, folder, services, progress, say }) {
    const { predict } = await import('../../usecases/serving/predict.js')
    const { renderPredictions, predictionsCsv } = await import('../render/predictions.js')
    const { absolutePath } = await import('../../config/paths.js')
    const output = typeof options.output === 'string' ? absolutePath(options.output, folder) : null
    const csv = options.format === 'csv' && output === null
    const outcome = await predict(
      {
        input: options.file === '-' ? '-' : absolutePath(String(options.file), folder),
        schema: settings.schema,
        url: String(options.url),
        batch: options.batch,
        output,
        keep: output === null && (settings.json || csv) ? Number.POSITIVE_INFINITY : SHOWN_ROWS,
      },
      { ...services, onProgress: progress },
    )
    if (!settings.json) for (const warning of outcome.warnings) say(`warning ${warning}`)
    const { version, counts, predictions, warnings, quarantine } = outcome
    return {
      result: {
        version,
        counts,
        ...(output === null ? { predictions } : { output: outcome.output }),
        quarantine,
        warnings,
      },
      text: csv ? predictionsCsv(predictions) : renderPredictions(outcome),
      exitCode: EXIT.done,
    }
  },
}
