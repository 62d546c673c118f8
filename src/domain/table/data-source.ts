import { ChurnOpsError } from '../../errors.js'

/** Where a table's rows are: a CSV file as it stands, or a form that is written out as CSV first. */
export type DataSource =
  | { kind: 'csv'; path: string }
  | { kind: 'parquet'; path: string }
  | { kind: 'sql'; url: string; query: string }

// SQLite's with too few slashes are URLs too, so that they are told of and not taken for a file's name.
const URL_START = /^(?:[a-z][a-z0-9+_.-]*:\/\/|sqlite[a-z0-9+]*:)/i
const SQLITE_FILE = /^sqlite[a-z0-9+]*:\/\/\/(?!:memory:).+/i
// As SQLAlchemy reads it: the password of its URLs may hold slashes.
const USER_AND_PASSWORD = /^[^:/]*:[^@]*@/
const SECRET_PARAMETER = /[?&][^=&]*(?:passw|passwd|pwd|secret|token)[^=&]*=/i
const NO_DATABASE = /^(?:https?|ftp|file|s3|gs|azure|abfss?|hdfs|duckdb\+motherduck):/i
const READING = /^\(*\s*(?:select|with|values|table)\b/i
// What may hold a semicolon that ends no statement: quoted text and names, comments, dollar quotes.
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\/|(\$\w*\$)[\s\S]*?\1/g

/** True for a SQLAlchemy URL; anything else names a file. */
export function isDatabaseUrl(location: string): boolean {
  return URL_START.test(location)
}

/**
 * Tells what a location and a query name.
 *
 * @param location an absolute path or a SQLAlchemy URL.
 * @param query null for a file.
 * @throws ChurnOpsError `USAGE` for a URL without a query, a query without a URL, a password in the URL, or a query that is
 * not one reading statement; `URL_INVALID` for a URL that names no database.
 */
export function dataSource(location: string, query: string | null): DataSource {
  if (isDatabaseUrl(location)) return databaseSource(location, query)
  if (query !== null) {
    throw usage(
      `--query needs the URL of a database, but the table is the file ${location}.`,
      'Name one, such as --data sqlite:///customers.db, or omit --query.',
    )
  }
  return /\.(?:parquet|pq)$/i.test(location)
    ? { kind: 'parquet', path: location }
    : { kind: 'csv', path: location }
}

/** A database URL as it may be shown: without user, password and parameters. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([^:]*:\/\/)(?:[^@]*@)?/, '$1').replace(/[?#].*$/, '')
}

function databaseSource(url: string, query: string | null): DataSource {
  const shown = withoutCredentials(url)
  if (USER_AND_PASSWORD.test(url.replace(URL_START, '')) || SECRET_PARAMETER.test(url)) {
    throw usage(
      `The URL of ${shown} contains a password; other users of this machine can read arguments, so it was not used.`,
      'Remove it, change it if others may have seen it, and set CHURN_OPS_DATABASE_PASSWORD (and CHURN_OPS_DATABASE_USER).',
    )
  }
  if (NO_DATABASE.test(url)) {
    throw invalidUrl(
      `${shown} is not the URL of a database.`,
      'Download the file and name its path, or use a URL such as postgresql+psycopg://host/database.',
    )
  }
  if (/^sqlite/i.test(url) && !SQLITE_FILE.test(url)) {
    throw invalidUrl(`${shown} names no SQLite file.`, 'Write three slashes: sqlite:///customers.db.')
  }
  if (query === null) {
    throw usage(
      `${shown} is a database, but no query says which rows to read.`,
      'Add --query "SELECT … FROM …", or "query" in churn-ops.json.',
    )
  }
  return { kind: 'sql', url, query: readingStatement(query) }
}

function readingStatement(query: string): string {
  const bare = query.replace(QUOTED, ' ')
  const hint = 'Give one SELECT statement; it runs in a read-only transaction.'
  if (/;\s*\S/.test(bare)) throw usage('The query has more than one statement; none was run.', hint)
  if (!READING.test(bare.trimStart()))
    throw usage('The query does not start with SELECT; it was not run.', hint)
  return query.trim().replace(/;+\s*$/, '')
}

function usage(message: string, hint: string): ChurnOpsError {
  return new ChurnOpsError('USAGE', { message, hint })
}

function invalidUrl(message: string, hint: string): ChurnOpsError {
  return new ChurnOpsError('URL_INVALID', { message, hint })
}
