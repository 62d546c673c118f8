import type { Trainer } from '../usecases/ports/training.js'
import type { AskPython } from './ask-python.js'

/** Training in Python behind the bridge. */
export function createTrainer(ask: AskPython): Trainer {
  let answers: Promise<unknown> = Promise.resolve()
  return {
    warm({ store, experiment, artifacts }) {
      // The imports take longer than a user should wait to hear that there is no store.
      answers = ask('store.reachable', { store, experiment, artifacts })
      // A failure shows in the call that follows; nobody waits for this one.
      answers.then(() => ask('training.warm', {})).catch(() => undefined)
    },
    async check(request) {
      await ask('training.check', request)
    },
    async train(request, onProgress) {
      await answers
      return ask('train', request, { onProgress })
    },
  }
}
