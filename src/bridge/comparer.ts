import type { Comparer } from '../usecases/ports/promotion.js'
import type { AskPython } from './ask-python.js'

/** Comparisons on stored and fresh predictions behind the bridge. */
export function createComparer(ask: AskPython): Comparer {
  return {
    compare: (request, onProgress) => ask('registry.compare', request, { onProgress }),
    retest: (request, onProgress) => ask('registry.retest', request, { onProgress }),
    skill: (request, onProgress) => ask('registry.skill', request, { onProgress }),
    check: (request, onProgress) => ask('registry.check', request, { onProgress }),
  }
}
