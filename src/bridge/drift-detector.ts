import type { DriftDetector } from '../usecases/ports/drift.js'
import type { AskPython } from './ask-python.js'

/** Evidently behind the bridge. */
export function createDriftDetector(ask: AskPython): DriftDetector {
  return {
    warm() {
      // A failed import shows itself, with its own error, in the call that needs it.
      ask('warm', { modules: ['evidently', 'evidently.presets'] }).catch(() => undefined)
    },
    window: (request, onProgress) => ask('drift.window', request, { onProgress }),
    judge: (request, onProgress) => ask('drift.judge', request, { onProgress }),
    retrainingTable: (request) => ask('drift.retraining_table', request),
  }
}
