import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Per-user folder of everything that can be made again: `CHURN_OPS_HOME`, else the platform's cache folder. */
export function cacheHome(
  variables: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string {
  const own = variables.CHURN_OPS_HOME
  if (own !== undefined && own !== '') return resolve(own)
  const xdg = variables.XDG_CACHE_HOME
  if (xdg !== undefined && xdg !== '') return join(resolve(xdg), 'churn-ops')
  const home = variables.HOME ?? homedir()
  return platform === 'darwin'
    ? join(home, 'Library', 'Caches', 'churn-ops')
    : join(home, '.cache', 'churn-ops')
}

const HASH_DIGITS = 16

/** The start of the names of all environments of one lock. */
export function environmentPrefix(lockSha256: string): string {
  return `${lockSha256.slice(0, HASH_DIGITS)}-py`
}

/** The end of the names of all environments of this platform. */
export function environmentSuffix(): string {
  return `-${process.platform}-${process.arch}`
}

/** Name of an environment's folder: two projects with the same lock share it. `minor` is such as 3.11. */
export function environmentName(lockSha256: string, minor: string): string {
  return `${environmentPrefix(lockSha256)}${minor}${environmentSuffix()}`
}
