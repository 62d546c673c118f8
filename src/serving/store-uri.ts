import { basename, dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { escaped, sqliteAddress, sqliteFile } from '../domain/store-address.js'

/** The store's URI in a form that means the same in every working folder. */
export function absoluteStoreUri(uri: string, folder = process.cwd()): string {
  const file = sqliteFile(uri)
  if (file !== null) return sqliteAddress(resolve(folder, file))
  // MLflow takes what has no scheme for a folder.
  return /^[a-z][\w+.-]*:/i.test(uri) ? uri : resolve(folder, uri)
}

/** True for a path that MLflow, which unquotes paths as if they were URLs, takes for another one. */
export function isMisread(path: string): boolean {
  return escaped(path) !== path
}

/**
 * The store's URI for a server in a working folder of its own, and the links that it needs there. MLflow makes an empty
 * folder of the quoted name of one that needs quotes: such a store is reached through a link.
 */
export function storeForChild(
  uri: string,
  folder = process.cwd(),
): { uri: string; links: Readonly<Record<string, string>> } {
  const file = sqliteFile(uri)
  const place = file === null ? null : resolve(folder, file)
  if (place === null || !isMisread(dirname(place))) return { uri: absoluteStoreUri(uri, folder), links: {} }
  return { uri: sqliteAddress(`store/${basename(place)}`), links: { store: dirname(place) } }
}

/** URL of where `mlflow server` keeps what clients upload: next to the SQLite file, else in `folder`. */
export function artifactFolder(uri: string, folder = process.cwd()): string {
  const file = sqliteFile(uri)
  const beside = file === null ? folder : dirname(resolve(folder, file))
  // As a URL: MLflow unquotes plain paths too.
  return pathToFileURL(resolve(beside, 'mlartifacts')).href
}
