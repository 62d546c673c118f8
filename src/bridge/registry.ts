import type { Registry } from '../usecases/ports/registry.js'
import type { AskPython } from './ask-python.js'

/** MLflow's registry behind the bridge. */
export function createRegistry(ask: AskPython): Registry {
  return {
    versions: (store, toAct = false) => ask('registry.versions', { store, toAct }),
    apply: (request, onProgress) => ask('registry.apply', request, { onProgress }),
    finish: async (request, onProgress) => (await ask('registry.finish', request, { onProgress })).finished,
    verify: (request, onProgress) => ask('registry.verify', request, { onProgress }),
    columns: (store, version) => ask('registry.columns', { store, version }),
    golden: (store, version) => ask('registry.golden', { store, version }),
    journal: (store) => ask('registry.journal', { store }),
  }
}
