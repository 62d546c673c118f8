import { createHash } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { sqliteFile } from '../domain/store-address.js'

/**
 * A short name of a store without its login, for files that several stores share: those without a folder of their own,
 * and SQLite files that are in one folder, which is free to move.
 */
export function storeName(trackingUri: string): string {
  const file = sqliteFile(trackingUri)
  const address =
    file === null
      ? trackingUri
          .replace(/\/\/[^/]*@/, '//')
          .replace(/[?#].*$/, '')
          .replace(/\/+$/, '')
      : basename(resolve(file))
  return createHash('sha256').update(address).digest('hex').slice(0, 16)
}
