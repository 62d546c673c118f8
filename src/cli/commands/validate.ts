import { type ChurnOpsError, EXIT } from '../../errors.js'
import type { Command } from '../command.js'

/** Checks a table, names every invalid row, and tells whether it can be trained on; a table that does not pass is a result, not an error. */
export const validateCommand: Command = {
  name: 'validate',
  description: 'Check a table against the schema: columns, rows, classes',
  positionals: { file: { describe: 'A CSV or Parquet file, or a SQLAlchemy URL', demandOption: true } },
  options: {
    query: {
      type: 'string',
      requiresArg: true,
      describe: 'SELECT statement that returns the rows, if the table is a SQLAlchemy URL',
    },
    unlabelled: { type: 'boolean', describe: 'Allow a missing target column, as in a file for predict' },
  },
  async handler({ options, settings, folder, services, progress }) {
    const { validateTable } = await import('../../usecases/table/validate.js')
    const { tableLocation } = await import('../../config/paths.js')
    const { dataSource } = await import('../../domain/table/data-source.js')
    const { openTable } = await import('../../usecases/table/open-table.js')
    const { balanceWarnings } = await import('../../domain/table/class-balance.js')
    const { createLeakScreen } = await import('../../domain/table/leak-screen.js')
    const { rareClassNotes } = await import('../../domain/table/trainable-table.js')
    const { whyNotTrainable } = await import('../../usecases/training/training-refusal.js')
    const { renderValidation } = await import('../render/validation.js')
    const table = await openTable(
      {
        source: dataSource(tableLocation(String(options.file), folder), settings.query),
        schema: settings.schema,
      },
      { exporter: services.tableExporter, onProgress: progress },
    )
    const forTraining = options.unlabelled !== true
    const screen = forTraining ? createLeakScreen(settings.schema) : null
    const validation = await validateTable(
      {
        ...table,
        schema: settings.schema,
        targetRequired: forTraining,
      },
      { quarantine: await services.quarantine(), onProgress: progress },
      ({ fields, layout }) => screen?.add(fields, layout),
    )
    const { dataset, valid, invalid, problems, quarantine, classes, repeats, notes } = validation
    const { maxInvalid, schema, search, split, splitSeed } = settings
    const suspects = screen?.suspects() ?? []
    const refusal = forTraining
      ? await whyNotTrainable(
          validation,
          { maxInvalid, folds: search.folds, schema, suspects, split, splitSeed },
          services.trainer,
        )
      : null
    const warnings = forTraining
      ? [...notes, ...balanceWarnings(classes, schema), ...rareClassNotes(validation)]
      : notes
    const fits = invalid === 0 && validation.headerValid
    return {
      result: {
        dataset,
        valid,
        invalid,
        problems,
        quarantine,
        classes,
        repeats,
        warnings,
        refusal:
          refusal === null ? null : { code: refusal.code, message: refusal.message, hint: refusal.hint },
      },
      text: renderValidation(validation, { warnings, refusal: toldAlready(refusal) ? null : refusal }),
      exitCode: fits && refusal === null ? EXIT.done : EXIT.data,
    }
  },
}

// The table of problems says as much.
function toldAlready(refusal: ChurnOpsError | null): boolean {
  return refusal?.code === 'DATA_HEADER' || refusal?.code === 'DATA_INVALID'
}
