import type { Options } from 'yargs'

/** Options of every command. */
export const SHARED_OPTIONS = {
  config: {
    type: 'string',
    requiresArg: true,
    describe: 'Settings file (default: churn-ops.json in the current folder)',
  },
  'tracking-uri': {
    type: 'string',
    requiresArg: true,
    describe: 'MLflow store (default: MLFLOW_TRACKING_URI or sqlite:///mlflow.db)',
  },
  model: {
    type: 'string',
    requiresArg: true,
    describe: 'Registered model (default: RandomForestGridSearch)',
  },
  json: { type: 'boolean', describe: 'Print exactly one JSON document on stdout' },
  quiet: { type: 'boolean', describe: 'Print no progress and no notes' },
  verbose: { type: 'boolean', describe: 'Print phases, stack traces and the output of Python' },
  python: {
    type: 'string',
    requiresArg: true,
    describe: 'Your own Python interpreter, with the locked packages',
  },
} as const satisfies Record<string, Options>
