import type { Reporter } from '../usecases/ports/evidence.js'
import type { AskPython } from './ask-python.js'

/** Evidence and reproduction in Python behind the bridge. */
export function createReporter(ask: AskPython): Reporter {
  return {
    report: (request, onProgress) => ask('report', request, { onProgress }),
    reproduce: (request, onProgress) => ask('reproduce', request, { onProgress }),
  }
}
