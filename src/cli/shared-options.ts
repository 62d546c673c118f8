import type { Options } from 'yargs'

/** Options of every command. */
export const SHARED_OPTIONS = {
  config: {
    type: 'string',
    requiresArg: true,
    describe: 'Settings file (default: churn-ops.json in this folder)',
  },
  'tracking-uri': {
    type: 'string',
    requiresArg: true,
    describe: 'MLflow store (default: MLFLOW_TRACKING_URI, else sqlite:///mlflow.db)',
  },
  model: {
    type: 'string',
    requiresArg: true,
    describe: 'Registered model (default: RandomForestGridSearch)',
  },
  json: { type: 'boolean', describe: 'Print exactly one JSON document on stdout' },
  quiet: { type: 'boolean', describe: 'No progress and no notes' },
  verbose: { type: 'boolean', describe: 'Phases, stack traces, what Python printed' },
  python: {
    type: 'string',
    requiresArg: true,
    describe: 'Your own Python interpreter, with the packages of the lock',
  },
} as const satisfies Record<string, Options>
