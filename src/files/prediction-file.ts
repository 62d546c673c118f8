import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { PREDICTION_HEADER, predictionLine } from '../domain/prediction-csv.js'
import { ChurnOpsError } from '../errors.js'
import type { PredictionFile } from '../usecases/ports/serving.js'

const OWNER_ONLY = 0o600

/**
 * Opens a CSV of predictions that appears under its name only when it is whole; only the user may read it.
 *
 * @throws ChurnOpsError `NOT_WRITABLE` when the folder takes no file, `DISK_FULL` when it is full.
 */
export async function openPredictionFile(path: string): Promise<PredictionFile> {
  const target = resolve(path)
  const part = `${target}.${process.pid}.part`
  const file = await writing(target, async () => {
    if ((await stat(target).catch(() => null))?.isDirectory() === true) throw new DirectoryError()
    await mkdir(dirname(target), { recursive: true })
    // A part of the same process id is left over from one that was killed, or a link that somebody laid out for us.
    await rm(part, { force: true })
    const opened = await open(part, 'wx', OWNER_ONLY)
    await opened.appendFile(`${PREDICTION_HEADER}\n`)
    return opened
  })
  const discard = async (): Promise<void> => {
    await file.close().catch(() => undefined)
    await rm(part, { force: true })
  }
  return {
    write: (predictions) =>
      writing(target, () => file.appendFile(predictions.map((one) => `${predictionLine(one)}\n`).join(''))),
    commit: async () => {
      try {
        await writing(target, async () => {
          await file.sync()
          await file.close()
          await rename(part, target)
        })
      } catch (error) {
        await discard()
        throw error
      }
      return target
    },
    discard,
  }
}

class DirectoryError extends Error {
  readonly code = 'EISDIR'
}

async function writing<T>(target: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ChurnOpsError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new ChurnOpsError(code === 'ENOSPC' || code === 'EDQUOT' ? 'DISK_FULL' : 'NOT_WRITABLE', {
      message: `${target} cannot be written (${code}); no part of it is left.`,
      hint: 'Name another file with --output, or make room and permission for this one.',
      details: { path: target, reason: code },
      cause: error,
    })
  }
}
