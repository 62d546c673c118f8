import type { TrainInput, TrainResult } from '../usecases/training/train.js'
import type { CommandContext } from './command.js'

type Context = Pick<CommandContext, 'settings' | 'services' | 'say' | 'progress'>

const WORTH_SAYING_SECONDS = 60

/** Runs the training of the settings on one table, a path or a database's URL with a query; `train`, `demo` and `monitor --retrain` share it. */
export async function runTraining(
  { settings, services, say, progress }: Context,
  location: string,
  force: boolean,
  query: string | null = null,
): Promise<TrainResult> {
  const { trainingSettings } = await import('../contract/training.js')
  const { dataSource } = await import('../domain/table/data-source.js')
  const { openTable } = await import('../usecases/table/open-table.js')
  const { train } = await import('../usecases/training/train.js')
  const { validateTable, requireTrainable } = await import('../usecases/table/validate.js')
  // Before Python is started, let alone installed, for a command line that is wrong.
  const source = dataSource(location, query)
  const quarantine = await services.quarantine()
  const input: TrainInput = {
    ...trainingSettings.parse(settings),
    store: { trackingUri: settings.trackingUri, model: settings.model },
    schema: settings.schema,
    threshold: settings.threshold,
    force,
    packageVersion: services.packageVersion,
    lockSha256: services.lockSha256,
  }
  return train(input, {
    trainer: await services.trainer(),
    onProgress: progress,
    now: () => performance.now(),
    validate: async () => {
      const table = await openTable(
        { source, schema: settings.schema },
        { exporter: services.tableExporter, onProgress: progress },
      )
      const validation = await validateTable(
        { ...table, schema: settings.schema, targetRequired: true },
        { quarantine, onProgress: progress },
      )
      requireTrainable(validation, settings.maxInvalid, settings.search.folds)
      say(await costLine(input, validation.valid, services.cores))
      const dataset = { ...validation.dataset, path: await table.keep() }
      return { ...validation, dataset }
    },
  })
}

async function costLine(input: TrainInput, rows: number, cores: number): Promise<string> {
  const { plannedCandidates } = await import('../domain/search/search-plan.js')
  const { estimateTraining } = await import('../domain/search/training-cost.js')
  const { TRAINING_RULES } = await import('../domain/search/training-rules.js')
  const { formatSeconds } = await import('./render/progress.js')
  const { kind, spaces, iterations } = input.search
  if (kind !== 'grid') {
    return `Training up to ${spaces.length * iterations} candidates by ${kind} search on ${rows.toLocaleString('en')} rows.`
  }
  const candidates = plannedCandidates(input.search)
  const cost = estimateTraining(candidates, rows * (1 - TRAINING_RULES.testShare), cores)
  const size = `${candidates.length} candidates on ${rows.toLocaleString('en')} rows`
  const disk = `${(cost.bytes / 1e9).toFixed(1)} GB of disk`
  if (cost.seconds < WORTH_SAYING_SECONDS) return `Training ${size}.`
  return `Training ${size}: about ${formatSeconds(cost.seconds * 1000)} and ${disk}. Finished work is kept if you press Ctrl-C.`
}
