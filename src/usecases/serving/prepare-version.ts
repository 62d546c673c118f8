import type { OnProgress } from '../../domain/progress.js'
import { goldenComplaint, trialRows } from '../../domain/serving/golden-check.js'
import type { StoreAddress } from '../../domain/store-address.js'
import { ChurnOpsError } from '../../errors.js'
import type { EngineChoice, ServedVersion, StartEngine } from '../ports/front.js'
import type { Registry } from '../ports/registry.js'

/** What a version is prepared with. */
export interface PrepareServices {
  registry(): Promise<Registry>
  /** Ends the Python process behind the registry after some work: a server that runs all day has no use for it. */
  withPython<T>(work: () => Promise<T>): Promise<T>
  startEngine: StartEngine
  onProgress: OnProgress
}

/** A version and how it is wanted. */
export interface PrepareRequest {
  store: StoreAddress
  /** Finds the version; it is asked while Python runs for the checks anyway. */
  resolve(registry: Registry): Promise<string>
  choice: EngineChoice
  /** `NAME@VERSION` of a version that may be served although loading it runs code; null for none. */
  allowPickle: string | null
}

/**
 * Makes a version ready to answer: its files are checked before anything of them is loaded, then an engine is started and
 * has to give the stored answers to the version's own rows.
 *
 * @throws ChurnOpsError `MODEL_INTEGRITY`, `PICKLE_REFUSED`, `SIGNATURE_MISSING`, `SERVER_START`, `ENGINE_UNAVAILABLE`, or what
 * the registry throws; nothing is left running then.
 */
export async function prepareVersion(
  { store, resolve, choice, allowPickle }: PrepareRequest,
  services: PrepareServices,
): Promise<{ served: ServedVersion; notes: string[] }> {
  const { version, folder, notes, columns, golden } = await services.withPython(async () => {
    const registry = await services.registry()
    const version = await resolve(registry)
    const { folder, notes } = await registry.verify({ store, version, allowPickle }, services.onProgress)
    const columns = await registry.columns(store, version)
    return { version, folder, notes, columns, golden: await registry.golden(store, version) }
  })
  if (columns.length === 0) throw unnamed(version)
  const started = await services.startEngine({ choice, store, version, folder, columns })
  try {
    const answers = await started.engine.score(trialRows(columns, golden))
    const complaint = goldenComplaint(golden, answers)
    if (complaint !== null) throw unlike(version, complaint)
  } catch (error) {
    await started.engine.close()
    throw error
  }
  return { served: { ...started, model: store.model, version, columns }, notes }
}

function unnamed(version: string): ChurnOpsError {
  return new ChurnOpsError('SIGNATURE_MISSING', {
    message: `The signature of version ${version} has no names of columns, so its rows cannot be checked. It is not served.`,
    hint: 'Register it with a signature of named columns, or serve it with `mlflow models serve`.',
    details: { version },
  })
}

function unlike(version: string, complaint: string): ChurnOpsError {
  return new ChurnOpsError('MODEL_INTEGRITY', {
    message: `Version ${version} is not served: ${complaint}.`,
    hint: 'Restore its files from a backup, or choose another version; `churn-ops models` lists them.',
    details: { version },
  })
}
