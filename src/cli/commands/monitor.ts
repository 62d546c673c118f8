import { ChurnOpsError } from '../../errors.js'
import { chosenOutput } from '../chosen-output.js'
import type { Command } from '../command.js'

/** Asks the live model, has Evidently judge drift and quality, and decides on a retraining. */
export const monitorCommand: Command = {
  name: 'monitor',
  description: 'Compare live data with the training data; decide whether to retrain',
  options: {
    data: {
      type: 'string',
      requiresArg: true,
      describe: "Table to sample rows from, labels optional (default: the live version's held-out rows)",
    },
    query: {
      type: 'string',
      requiresArg: true,
      describe: 'SELECT statement that returns the rows, if --data is a SQLAlchemy URL',
    },
    url: {
      type: 'string',
      requiresArg: true,
      default: 'http://127.0.0.1:8000',
      describe: 'URL of the live endpoint',
    },
    sample: { type: 'string', requiresArg: true, describe: 'Number of rows to judge (default 1000)' },
    seed: { type: 'string', requiresArg: true, describe: 'Seed of the sample (default 42)' },
    'simulate-drift': {
      type: 'boolean',
      describe: 'Simulate drift: tenure from 0 to 9, MonthlyCharges raised by half',
    },
    limits: {
      type: 'string',
      requiresArg: true,
      default: 'documents',
      describe: 'documents: drift if more than half of the columns, or more than two, drifted',
    },
    retrain: {
      type: 'boolean',
      describe: 'On drift, train on the training rows plus this window, then promote',
    },
    report: { type: 'string', requiresArg: true, describe: 'Folder for report.html and report.json' },
    'max-invalid': {
      type: 'string',
      requiresArg: true,
      describe: 'Number of invalid rows to tolerate and drop (default 0)',
    },
    wait: {
      type: 'string',
      requiresArg: true,
      describe: 'Seconds to wait while another process writes (default 60)',
    },
  },
  outputs: ({ options, folder }) =>
    chosenOutput('report', ['report.html', 'report.json'], { options, folder }),
  async handler(context) {
    const { options, settings, services, folder, progress } = context
    requireKnownLimits(options.limits)
    const { absolutePath } = await import('../../config/paths.js')
    const { documentsLimits, exitOfVerdict } = await import('../../domain/drift/drift-verdict.js')
    const { dataSource } = await import('../../domain/table/data-source.js')
    const { openTable } = await import('../../usecases/table/open-table.js')
    const { monitor } = await import('../../usecases/drift/monitor.js')
    const { validateTable } = await import('../../usecases/table/validate.js')
    const { runPromotion } = await import('../run-promotion.js')
    const { runTraining } = await import('../run-training.js')
    const { renderDrift } = await import('../render/drift.js')
    const { schema } = settings
    // A table in the settings is the one for training; without a query of its own its rows are no window.
    const location = options.data === undefined && options.query === undefined ? null : settings.data
    // Told before anything is started.
    if (location !== null) dataSource(location, settings.query)
    // Milliseconds keep two runs of one second apart.
    const stamp = new Date().toISOString().replace(/[-:]/g, '')
    const report = typeof options.report === 'string' ? absolutePath(options.report, folder) : null
    const result = await monitor(
      {
        store: { trackingUri: settings.trackingUri, model: settings.model },
        schema,
        data: location,
        url: String(options.url),
        sample: settings.monitor.sample,
        seed: settings.seed,
        simulateDrift: options['simulate-drift'] === true,
        limits: documentsLimits(settings.monitor),
        retrain: options.retrain === true,
        maxInvalid: settings.maxInvalid,
        reportFolder: (version) => report ?? `${services.stateFolder}/reports/${stamp}-v${version}`,
        retrainingPath: (version) => `${services.stateFolder}/retraining/${stamp}-v${version}.csv`,
      },
      {
        registry: await services.registry(),
        detector: await services.driftDetector(),
        scorer: await services.scorer(),
        validate: async (path) => {
          const table = await openTable(
            { source: dataSource(path, settings.query), schema },
            { exporter: services.tableExporter, onProgress: progress },
          )
          return validateTable(
            { ...table, schema, targetRequired: false },
            { quarantine: await services.quarantine(), onProgress: progress },
          )
        },
        train: (path) => runTraining(context, path, false),
        promote: () => runPromotion(context, { dryRun: false, actor: services.actor, afterDrift: true }),
        onProgress: progress,
      },
    )
    return {
      result: { ...result },
      text: renderDrift(result),
      exitCode: exitOfVerdict(result.verdict, result.retrained?.live ?? false),
    }
  },
}

function requireKnownLimits(limits: unknown): void {
  if (limits === 'documents') return
  throw new ChurnOpsError('USAGE', {
    message: `--limits ${String(limits)} is not available; only documents is. Nothing was judged.`,
    hint: 'Run it with --limits documents; set share, count and columnThreshold under "monitor" in churn-ops.json.',
    details: { limits: String(limits), known: ['documents'] },
  })
}
