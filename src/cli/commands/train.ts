import { EXIT } from '../../errors.js'
import type { Command } from '../command.js'

/** Trains the grid and registers every candidate. */
export const trainCommand: Command = {
  name: 'train',
  description: 'Train every candidate of the grid and register each as a version',
  options: {
    data: {
      type: 'string',
      requiresArg: true,
      describe:
        'The customers: a CSV or Parquet file, or a SQLAlchemy URL (default: the bundled Telco table)',
    },
    query: {
      type: 'string',
      requiresArg: true,
      describe: 'The SELECT statement that gives the rows, when --data is a SQLAlchemy URL',
    },
    grid: {
      type: 'string',
      array: true,
      requiresArg: true,
      nargs: 1,
      describe: 'name=v1,v2 replaces the values of one parameter; none is a value; repeatable',
    },
    seed: { type: 'string', requiresArg: true, describe: 'Seed of the estimators (default 42)' },
    'split-seed': { type: 'string', requiresArg: true, describe: 'Seed of the split (default 42)' },
    'max-invalid': {
      type: 'string',
      requiresArg: true,
      describe: 'Invalid rows to go on without (default 0)',
    },
    force: { type: 'boolean', describe: 'Train again what is there already' },
    wait: { type: 'string', requiresArg: true, describe: 'Seconds to wait for another writer (default 60)' },
  },
  async handler(context) {
    const { runTraining } = await import('../run-training.js')
    const { renderTraining } = await import('../render/training.js')
    const { settings, services, options } = context
    const table = settings.data ?? services.bundledData
    const result = await runTraining(context, table, options.force === true, settings.query)
    return {
      result: { ...result },
      text: renderTraining(result, { verbose: settings.verbose }),
      exitCode: EXIT.done,
    }
  },
}
