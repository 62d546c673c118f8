import { ChurnOpsError } from '../errors.js'

const FULL = ['ENOSPC', 'EDQUOT']

/**
 * What the system says of a file or folder, as an error of ours: a disk that is full or broken, a place that was taken away or is
 * no folder, is no bug. Any other error comes back as it is.
 */
export function namedFailure(error: unknown): unknown {
  if (error instanceof ChurnOpsError || !isSystemError(error)) return error
  const isFull = FULL.includes(error.code)
  const where = error.path === undefined ? '' : ` ${error.path}`
  return new ChurnOpsError(isFull ? 'DISK_FULL' : 'NOT_WRITABLE', {
    message: `The system refused to ${error.syscall}${where} (${error.code}). Finished work is kept.`,
    hint: `${isFull ? 'Free some space there' : 'Make sure that it exists and that you have access'}, then run the same command again.`,
    details: { path: error.path ?? null, reason: error.code },
    cause: error,
  })
}

interface SystemError extends Error {
  code: string
  syscall: string
  path?: string
}

function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'syscall' in error &&
    typeof error.syscall === 'string' &&
    'code' in error &&
    typeof error.code === 'string' &&
    ('path' in error || FULL.includes(error.code) || error.code === 'EIO')
  )
}
