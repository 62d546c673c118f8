/** Exit codes of the command line; the table is part of the public contract. */
export const EXIT = {
  done: 0,
  bug: 1,
  usage: 2,
  data: 3,
  no: 4,
  environment: 5,
  busy: 6,
  unreachable: 7,
  integrity: 8,
  notEnoughData: 9,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Every error code, its exit code and its meaning. `docs/errors.md` holds the same table; a test compares them. */
export const ERROR_TABLE = {
  BUG: { exit: EXIT.bug, meaning: 'An internal error occurred: a bug in churn-ops.' },
  USAGE: { exit: EXIT.usage, meaning: 'The command line has an unknown command, option or value.' },
  CONFIG_INVALID: { exit: EXIT.usage, meaning: 'The configuration or schema file is missing or invalid.' },
  GRID_INVALID: {
    exit: EXIT.usage,
    meaning: 'The search grid names an unknown parameter or an impossible value.',
  },
  POLICY_INVALID: { exit: EXIT.usage, meaning: 'The promotion policy is unknown or invalid.' },
  URL_INVALID: { exit: EXIT.usage, meaning: 'A URL or URI is not one that churn-ops can use.' },
  MODEL_NAME_INVALID: {
    exit: EXIT.usage,
    meaning: 'The model name has characters that the registry does not allow.',
  },
  PLATFORM_UNSUPPORTED: {
    exit: EXIT.environment,
    meaning: 'churn-ops does not run on native Windows; run it inside WSL.',
  },
  DATA_UNREADABLE: {
    exit: EXIT.data,
    meaning: 'The data file is missing, is a directory, or cannot be read.',
  },
  DATA_EMPTY: { exit: EXIT.data, meaning: 'The data file has no header or no rows.' },
  DATA_HEADER: { exit: EXIT.data, meaning: 'Columns are missing, duplicated, renamed or unknown.' },
  DATA_INVALID: { exit: EXIT.data, meaning: 'More rows are invalid than --max-invalid allows.' },
  DATA_ENCODING: { exit: EXIT.data, meaning: 'The data file is not UTF-8 text.' },
  DATA_CHANGED: { exit: EXIT.data, meaning: 'The data file changed after it was checked.' },
  DATA_TOO_FEW: { exit: EXIT.data, meaning: 'The data has too few rows to split, train or test on.' },
  DATA_DATES: {
    exit: EXIT.data,
    meaning: 'Too many rows share a date: no split by time leaves a fifth of the rows for testing.',
  },
  DATA_ONE_CLASS: { exit: EXIT.data, meaning: 'The target has only one class; there is nothing to learn.' },
  DATA_LEAK: { exit: EXIT.data, meaning: 'A single column tells who churned: it leaks the label.' },
  NO_VERSIONS: { exit: EXIT.no, meaning: 'The registry has no version of this model.' },
  NO_MEASURED_VERSION: { exit: EXIT.no, meaning: 'No version of the model has a held-out F1.' },
  NO_ROLLBACK_TARGET: { exit: EXIT.no, meaning: 'There is no earlier champion to go back to.' },
  NO_CHAMPION: { exit: EXIT.no, meaning: 'No version of the model is in production.' },
  VERSION_UNKNOWN: { exit: EXIT.no, meaning: 'The registry has no such version of the model.' },
  SEARCH_FAILED: { exit: EXIT.no, meaning: 'No candidate of the search could be trained.' },
  PYTHON_MISSING: { exit: EXIT.environment, meaning: 'No usable Python interpreter was found.' },
  PYTHON_VERSION: {
    exit: EXIT.environment,
    meaning: 'The Python interpreter is older or newer than churn-ops supports.',
  },
  PYTHON_PACKAGES: {
    exit: EXIT.environment,
    meaning: 'Python packages are missing or differ from the lock.',
  },
  PYTHON_VENV_MISSING: {
    exit: EXIT.environment,
    meaning: 'This Python cannot create virtual environments (python3-venv).',
  },
  ENVIRONMENT_INSTALL: { exit: EXIT.environment, meaning: 'Installing the Python packages failed.' },
  ENVIRONMENT_NOT_READY: { exit: EXIT.environment, meaning: 'The Python environment does not exist yet.' },
  PYTHON_DIED: { exit: EXIT.environment, meaning: 'The Python process died during a call.' },
  PYTHON_TIMEOUT: { exit: EXIT.environment, meaning: 'The Python process did not answer in time.' },
  BRIDGE_PROTOCOL: { exit: EXIT.bug, meaning: 'Python returned something other than the agreed envelope.' },
  PYTHON_ERROR: { exit: EXIT.bug, meaning: 'Python raised an error that churn-ops does not know.' },
  PORT_IN_USE: { exit: EXIT.environment, meaning: 'Another program is using the port.' },
  ENGINE_UNAVAILABLE: {
    exit: EXIT.no,
    meaning: 'The version cannot be served by the requested engine.',
  },
  API_KEY_MISSING: {
    exit: EXIT.integrity,
    meaning: 'A server that others can reach needs an API key, which is missing or too short.',
  },
  SERVER_START: { exit: EXIT.environment, meaning: 'A server did not become ready.' },
  DISK_FULL: { exit: EXIT.environment, meaning: 'There is no space left to write to.' },
  NOT_WRITABLE: { exit: EXIT.environment, meaning: 'A folder or file cannot be written.' },
  BUSY: { exit: EXIT.busy, meaning: 'Another process is writing to the same store.' },
  STORE_UNREACHABLE: { exit: EXIT.unreachable, meaning: 'The tracking store cannot be reached.' },
  DATABASE_UNREACHABLE: {
    exit: EXIT.unreachable,
    meaning: 'The database with the table cannot be reached or refuses the login.',
  },
  STORE_DAMAGED: { exit: EXIT.integrity, meaning: 'The database of the tracking store is damaged.' },
  STORE_SCHEMA: { exit: EXIT.unreachable, meaning: 'The tracking store has a different schema version.' },
  ARTIFACTS_UNREACHABLE: {
    exit: EXIT.unreachable,
    meaning: 'The storage for model files cannot be reached or refuses access.',
  },
  ENDPOINT_UNREACHABLE: {
    exit: EXIT.unreachable,
    meaning: 'The scoring endpoint cannot be reached or gives an invalid response.',
  },
  ENDPOINT_REFUSED: {
    exit: EXIT.data,
    meaning: 'The scoring endpoint works but refuses the rows that it was sent.',
  },
  STORE_MOVED: {
    exit: EXIT.integrity,
    meaning: 'The store was moved or copied, and its records still name files in another place.',
  },
  STORE_DELETED: {
    exit: EXIT.integrity,
    meaning: 'Something that the command needs was deleted in MLflow.',
  },
  MODEL_INTEGRITY: {
    exit: EXIT.integrity,
    meaning: 'The files of a version are missing, damaged or not allowed.',
  },
  PICKLE_REFUSED: {
    exit: EXIT.integrity,
    meaning: 'Loading the version could run code from its files.',
  },
  SIGNATURE_MISSING: {
    exit: EXIT.integrity,
    meaning: 'The model of a version does not say which columns it needs.',
  },
  CHAMPION_GONE: {
    exit: EXIT.integrity,
    meaning: 'The version that was in production was deleted, or lost its alias.',
  },
  REGISTRY_DISAGREES: { exit: EXIT.integrity, meaning: 'Alias, stages and tags of the versions disagree.' },
  SCHEMA_MISMATCH: {
    exit: EXIT.integrity,
    meaning: 'The table does not match the model that should score it.',
  },
  FOLDER_UNSAFE: {
    exit: EXIT.integrity,
    meaning: 'Settings or a store in a world-writable folder belong to another user.',
  },
  INTERRUPTED: { exit: EXIT.bug, meaning: 'A signal stopped the command (exit 130 or 143).' },
} as const satisfies Record<string, { exit: ExitCode; meaning: string }>

export type ErrorCode = keyof typeof ERROR_TABLE

/** What an error may carry besides its code. */
export interface ErrorParts {
  /** What happened and what state things are in, one or two sentences. */
  message: string
  /** The one command or step to take next. */
  hint: string
  /** Structured facts for `--json`; the caller keeps them small. */
  details?: Record<string, unknown>
  cause?: unknown
}

/** The only error class of churn-ops; distinguish errors by `code`, never by text. */
export class ChurnOpsError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  readonly details: Record<string, unknown>

  constructor(code: ErrorCode, parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause })
    this.name = 'ChurnOpsError'
    this.code = code
    this.hint = parts.hint
    this.details = parts.details ?? {}
  }

  get exitCode(): ExitCode {
    return ERROR_TABLE[this.code].exit
  }
}

/** True for a code that the table holds; Python sends codes as plain strings. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_TABLE, code)
}
