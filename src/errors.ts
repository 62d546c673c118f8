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
  BUG: { exit: EXIT.bug, meaning: 'Something failed that should not fail: a bug in churn-ops.' },
  USAGE: { exit: EXIT.usage, meaning: 'The command line has an unknown command, option or value.' },
  CONFIG_INVALID: { exit: EXIT.usage, meaning: 'The configuration or schema file is missing or not valid.' },
  GRID_INVALID: {
    exit: EXIT.usage,
    meaning: 'The search grid names an unknown parameter or an impossible value.',
  },
  POLICY_INVALID: { exit: EXIT.usage, meaning: 'The promotion policy is unknown or not valid.' },
  URL_INVALID: { exit: EXIT.usage, meaning: 'A URL or URI is not one that churn-ops can use.' },
  MODEL_NAME_INVALID: {
    exit: EXIT.usage,
    meaning: 'The model name has characters that a registry cannot hold.',
  },
  PLATFORM_UNSUPPORTED: { exit: EXIT.environment, meaning: 'Native Windows: run churn-ops inside WSL.' },
  DATA_UNREADABLE: { exit: EXIT.data, meaning: 'The data file is missing, a directory, or cannot be read.' },
  DATA_EMPTY: { exit: EXIT.data, meaning: 'The data file has no header or no rows.' },
  DATA_HEADER: { exit: EXIT.data, meaning: 'Columns are missing, doubled, renamed or unknown.' },
  DATA_INVALID: { exit: EXIT.data, meaning: 'More rows are invalid than --max-invalid allows.' },
  DATA_ENCODING: { exit: EXIT.data, meaning: 'The data file is not UTF-8 text.' },
  DATA_CHANGED: { exit: EXIT.data, meaning: 'The data file changed between its check and its use.' },
  DATA_TOO_FEW: { exit: EXIT.data, meaning: 'The data has too few rows to split, train or test on.' },
  DATA_DATES: {
    exit: EXIT.data,
    meaning: 'Too many rows share a date: no cut by time leaves a fifth of them for testing.',
  },
  DATA_ONE_CLASS: { exit: EXIT.data, meaning: 'The target has one class only; there is nothing to learn.' },
  DATA_LEAK: { exit: EXIT.data, meaning: 'A column alone tells who churned: it knows the answer.' },
  NO_VERSIONS: { exit: EXIT.no, meaning: 'The registry has no version of this model.' },
  NO_MEASURED_VERSION: { exit: EXIT.no, meaning: 'No version of the model has a held-out F1.' },
  NO_ROLLBACK_TARGET: { exit: EXIT.no, meaning: 'No earlier champion is left to go back to.' },
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
    meaning: 'This Python cannot make virtual environments (python3-venv).',
  },
  ENVIRONMENT_INSTALL: { exit: EXIT.environment, meaning: 'Installing the Python packages failed.' },
  ENVIRONMENT_NOT_READY: { exit: EXIT.environment, meaning: 'The Python environment is not there yet.' },
  PYTHON_DIED: { exit: EXIT.environment, meaning: 'The Python process died during a call.' },
  PYTHON_TIMEOUT: { exit: EXIT.environment, meaning: 'The Python process did not answer in time.' },
  BRIDGE_PROTOCOL: { exit: EXIT.bug, meaning: 'Python answered something that is not the agreed envelope.' },
  PYTHON_ERROR: { exit: EXIT.bug, meaning: 'Python raised an error that churn-ops does not know.' },
  PORT_IN_USE: { exit: EXIT.environment, meaning: 'Another program holds the port.' },
  ENGINE_UNAVAILABLE: {
    exit: EXIT.no,
    meaning: 'The version cannot be served by the engine that was asked for.',
  },
  SERVER_START: { exit: EXIT.environment, meaning: 'A server did not become ready.' },
  DISK_FULL: { exit: EXIT.environment, meaning: 'There is no space left to write to.' },
  NOT_WRITABLE: { exit: EXIT.environment, meaning: 'A folder or file cannot be written.' },
  BUSY: { exit: EXIT.busy, meaning: 'Another process is writing to the same store.' },
  STORE_UNREACHABLE: { exit: EXIT.unreachable, meaning: 'The tracking store cannot be reached.' },
  DATABASE_UNREACHABLE: {
    exit: EXIT.unreachable,
    meaning: 'The database that holds the table cannot be reached or lets nobody in.',
  },
  STORE_DAMAGED: { exit: EXIT.integrity, meaning: 'The database of the tracking store is damaged.' },
  STORE_SCHEMA: { exit: EXIT.unreachable, meaning: 'The tracking store has another schema version.' },
  ARTIFACTS_UNREACHABLE: {
    exit: EXIT.unreachable,
    meaning: "The storage of the models' files cannot be reached or refuses us.",
  },
  ENDPOINT_UNREACHABLE: {
    exit: EXIT.unreachable,
    meaning: 'The scoring endpoint cannot be reached or does not answer well.',
  },
  ENDPOINT_REFUSED: {
    exit: EXIT.data,
    meaning: 'The scoring endpoint is there and refuses the rows that it was sent.',
  },
  STORE_MOVED: {
    exit: EXIT.integrity,
    meaning: 'The store was moved or copied, and its files are said to lie elsewhere.',
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
    meaning: 'Loading the version could run code that lies in its files.',
  },
  SIGNATURE_MISSING: {
    exit: EXIT.integrity,
    meaning: 'The model of a version does not say which columns it takes.',
  },
  CHAMPION_GONE: {
    exit: EXIT.integrity,
    meaning: 'The version that was in production was deleted or unnamed.',
  },
  REGISTRY_DISAGREES: { exit: EXIT.integrity, meaning: 'Alias, stages and tags of the versions disagree.' },
  SCHEMA_MISMATCH: { exit: EXIT.integrity, meaning: 'The table does not fit the model that is to judge it.' },
  FOLDER_UNSAFE: {
    exit: EXIT.integrity,
    meaning: 'Settings or a store in a folder that everybody can write belong to another user.',
  },
  INTERRUPTED: { exit: EXIT.bug, meaning: 'A signal stopped the command (exit 130 or 143).' },
} as const satisfies Record<string, { exit: ExitCode; meaning: string }>

export type ErrorCode = keyof typeof ERROR_TABLE

/** What an error may carry beside its code. */
export interface ErrorParts {
  /** What happened and what state things are in, one or two sentences. */
  message: string
  /** The one command or step to take next. */
  hint: string
  /** Structured facts for `--json`; bounded by whoever fills it. */
  details?: Record<string, unknown>
  cause?: unknown
}

/** The only error class of churn-ops; tell errors apart by `code`, never by text. */
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
