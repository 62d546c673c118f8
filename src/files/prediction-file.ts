import { resolve } from 'node:path'
import { PREDICTION_HEADER, predictionLine } from '../domain/serving/prediction-csv.js'
import { ChurnOpsError } from '../errors.js'
import type { PredictionFile } from '../usecases/ports/serving.js'
import { openDraft } from './draft.js'

/**
 * Opens a CSV of predictions that appears under its name only when it is whole; only the user may read it.
 *
 * @throws ChurnOpsError `NOT_WRITABLE` when the folder takes no file, `DISK_FULL` when it is full.
 */
export async function openPredictionFile(path: string): Promise<PredictionFile> {
  const target = resolve(path)
  const draft = writing(target, () => openDraft(target))
  const put = (text: string): void => writing(target, () => draft.write(text))
  put(`${PREDICTION_HEADER}\n`)
  return {
    write: async (predictions) => put(predictions.map((one) => `${predictionLine(one)}\n`).join('')),
    commit: async () => {
      writing(target, () => draft.commit())
      return target
    },
    discard: async () => draft.discard(),
  }
}

function writing<T>(target: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new ChurnOpsError(code === 'ENOSPC' || code === 'EDQUOT' ? 'DISK_FULL' : 'NOT_WRITABLE', {
      message: `${target} cannot be written (${code}); no part of it is left.`,
      hint: 'Give another file with --output, or make this one writable.',
      details: { path: target, reason: code },
      cause: error,
    })
  }
}
