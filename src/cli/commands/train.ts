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
      describe: 'SELECT statement that returns the rows, if --data is a SQLAlchemy URL',
    },
    artifacts: {
      type: 'string',
      requiresArg: true,
      describe:
        'Where a new experiment keeps its files: s3://BUCKET/PREFIX or a folder (default: beside the store)',
    },
    grid: {
      type: 'string',
      array: true,
      requiresArg: true,
      nargs: 1,
      describe: 'name=v1,v2 replaces the values of one parameter; none is a valid value; repeatable',
    },
    estimator: {
      type: 'string',
      array: true,
      requiresArg: true,
      nargs: 1,
      describe:
        'forest, extra-trees, hist-gradient-boosting or logistic-regression; repeat to compare several',
    },
    search: { type: 'string', requiresArg: true, describe: 'grid, random or optuna (default grid)' },
    iterations: {
      type: 'string',
      requiresArg: true,
      describe: 'Candidates per estimator for random and optuna (default 20)',
    },
    cv: {
      type: 'string',
      requiresArg: true,
      describe: 'Cross-validation folds (default: out-of-bag for forests, otherwise 5)',
    },
    threshold: { type: 'string', requiresArg: true, describe: 'f1, capacity, cost or 0.5 (default f1)' },
    capacity: {
      type: 'string',
      requiresArg: true,
      describe: 'Number of customers that you can contact, such as 500 or 10%',
    },
    calibrate: { type: 'boolean', describe: 'Calibrate the probabilities (Platt scaling)' },
    split: { type: 'string', requiresArg: true, describe: 'random, id or time (default random)' },
    seed: { type: 'string', requiresArg: true, describe: 'Seed of the estimators (default 42)' },
    'split-seed': { type: 'string', requiresArg: true, describe: 'Seed of the split (default 42)' },
    'max-invalid': {
      type: 'string',
      requiresArg: true,
      describe: 'Number of invalid rows to tolerate and drop (default 0)',
    },
    force: { type: 'boolean', describe: 'Train again even if the versions exist' },
    wait: {
      type: 'string',
      requiresArg: true,
      describe: 'Seconds to wait while another process writes (default 60)',
    },
  },
  outputs: ({ settings: { artifacts } }) =>
    artifacts === null || artifacts.startsWith('s3:')
      ? []
      : [{ option: 'artifacts', path: artifacts, writes: 'artifacts' }],
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
