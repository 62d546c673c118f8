import { dirname, resolve } from 'node:path'

const SQLITE = 'sqlite:///'

/** The store's URI in a form that means the same in every working folder. */
export function absoluteStoreUri(uri: string, folder = process.cwd()): string {
  if (uri.startsWith(SQLITE)) return `${SQLITE}${resolve(folder, uri.slice(SQLITE.length))}`
  // MLflow takes what has no scheme for a folder.
  return /^[a-z][\w+.-]*:/i.test(uri) ? uri : resolve(folder, uri)
}

/** Where `mlflow server` keeps the artifacts that clients upload: beside the SQLite file, else in `folder`. */
export function artifactFolder(uri: string, folder = process.cwd()): string {
  return resolve(
    uri.startsWith(SQLITE) ? dirname(absoluteStoreUri(uri, folder).slice(SQLITE.length)) : folder,
    'mlartifacts',
  )
}
