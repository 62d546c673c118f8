import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { sqliteFile } from '../domain/store-address.js'

/** `.churn-ops/` next to the SQLite file, else under `CHURN_OPS_HOME`, else in the current folder. */
export function stateFolderOf(trackingUri: string): string {
  const file = sqliteFile(trackingUri)
  // Empty is what scripts write for "not set".
  const home = process.env.CHURN_OPS_HOME || undefined
  if (file === null) return home === undefined ? resolve('.churn-ops') : join(resolve(home), 'state')
  const path = resolve(file)
  // By the name of a link, locks and journal are those of the file that it leads to.
  const isLink = existsSync(path) && lstatSync(path).isSymbolicLink()
  return join(dirname(isLink ? realpathSync(path) : path), '.churn-ops')
}
