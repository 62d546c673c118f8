import { EXIT } from '../../errors.js'
import type { Command } from '../command.js'

/** Checks a table and names every invalid row; a table that does not pass is a result, not an error. */
export const validateCommand: Command = {
  name: 'validate',
  description: 'Check a CSV file against the schema: columns, rows, classes',
  positionals: { file: { describe: 'The CSV file', demandOption: true } },
  options: {
    unlabelled: { type: 'boolean', describe: 'The target column may be missing, as in a file for predict' },
  },
  async handler({ options, settings, folder, services, progress }) {
    const { validateTable } = await import('../../usecases/validate.js')
    const { absolutePath } = await import('../../config/paths.js')
    const { renderValidation } = await import('../render/validation.js')
    const validation = await validateTable(
      {
        path: absolutePath(String(options.file), folder),
        schema: settings.schema,
        targetRequired: options.unlabelled !== true,
      },
      { quarantine: await services.quarantine(), onProgress: progress },
    )
    const { dataset, valid, invalid, problems, quarantine, classes } = validation
    return {
      result: { dataset, valid, invalid, problems, quarantine, classes },
      text: renderValidation(validation),
      exitCode: invalid === 0 && validation.headerValid ? EXIT.done : EXIT.data,
    }
  },
}
