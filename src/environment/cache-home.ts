import { homedir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { ChurnOpsError } from '../errors.js'

/** Per-user folder of everything that can be made again: `CHURN_OPS_HOME`, else the platform's cache folder. */
export function cacheHome(
  variables: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string {
  const own = variables.CHURN_OPS_HOME
  if (own !== undefined && own !== '') return resolve(own)
  const xdg = variables.XDG_CACHE_HOME
  if (xdg !== undefined && xdg !== '') return join(resolve(xdg), 'churn-ops')
  const home = variables.HOME ? resolve(variables.HOME) : homeOfUser()
  return platform === 'darwin'
    ? join(home, 'Library', 'Caches', 'churn-ops')
    : join(home, '.cache', 'churn-ops')
}

/** The variable that `cacheHome` follows; an empty one is not set. */
export function cacheHomeVariable(variables: NodeJS.ProcessEnv): string {
  return ['CHURN_OPS_HOME', 'XDG_CACHE_HOME'].find((name) => variables[name]) ?? 'HOME'
}

function homeOfUser(): string {
  try {
    // An empty HOME is no answer; the list of users has one.
    return homedir() || userInfo().homedir
  } catch (cause) {
    // As in a container under a user id without a name.
    throw new ChurnOpsError('NOT_WRITABLE', {
      message:
        'HOME is not set and this user has no home folder, so there is no place for the Python environment. Nothing was created.',
      hint: 'Set CHURN_OPS_HOME to a folder that you can write to.',
      cause,
    })
  }
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
