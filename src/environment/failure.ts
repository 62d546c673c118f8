import { ChurnOpsError } from '../errors.js'
import { cacheHomeVariable } from './cache-home.js'

const NETWORK =
  /connection|timed? ?out|resolve|resolution|unreachable|failed to fetch|dns|proxy|certificate|no matching distribution|no solution found|was not found in the/i
const HASHES = /do not match the hashes|hash mismatch/i
const NO_SPACE = /no space left|disk quota exceeded|ENOSPC|EDQUOT|os error 28/i
const SHOWN_LINES = 3

/** A folder of ours cannot be made or written. */
export function notWritable(folder: string, cause: unknown): ChurnOpsError {
  const text = cause instanceof Error ? cause.message : String(cause)
  if (NO_SPACE.test(text)) return diskFull(folder, cause)
  return new ChurnOpsError('NOT_WRITABLE', {
    message: `The folder for the Python environment, ${folder} (from ${cacheHomeVariable(process.env)}), cannot be written. Nothing was created.`,
    hint: 'Set CHURN_OPS_HOME to a folder that you can write to.',
    details: { folder, reason: text },
    cause,
  })
}

/** The installer failed; the half-made environment is gone. */
export function installFailed(folder: string, step: string, lines: readonly string[]): ChurnOpsError {
  const text = lines.join('\n')
  if (NO_SPACE.test(text)) return diskFull(folder, new Error(text))
  const last = lines.slice(-SHOWN_LINES).join(' | ')
  return new ChurnOpsError('ENVIRONMENT_INSTALL', {
    message: `Creating the Python environment failed in ${step}; nothing was kept. ${step} said: ${last}`,
    hint: hintFor(text),
    details: { folder, step, lastLines: lines },
  })
}

function hintFor(text: string): string {
  if (HASHES.test(text)) {
    return 'The package index serves different files from those in the lock; use another index, then run `churn-ops setup`.'
  }
  if (NETWORK.test(text)) {
    return (
      'Check the network, HTTPS_PROXY or PIP_INDEX_URL (offline: PIP_NO_INDEX=1 and PIP_FIND_LINKS=FOLDER with wheels), ' +
      'then run `churn-ops setup`.'
    )
  }
  return 'Fix what it reports, then run `churn-ops setup`.'
}

function diskFull(folder: string, cause: unknown): ChurnOpsError {
  return new ChurnOpsError('DISK_FULL', {
    message: `There is no space left for the Python environment in ${folder}; nothing was kept.`,
    hint: 'Free about 1.5 GB, or set CHURN_OPS_HOME to a folder on another disk, then run `churn-ops setup`.',
    details: { folder },
    cause,
  })
}
