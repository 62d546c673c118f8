import { goldenComplaint, trialRows } from '../../domain/serving/golden-check.js'
import type { StoreAddress } from '../../domain/store-address.js'
import { ChurnOpsError } from '../../errors.js'
import type { EngineChoice, ServedVersion, StartEngine } from '../ports/front.js'
import type { Registry } from '../ports/registry.js'
import { chooseEngine } from './choose-engine.js'
import type { PrepareForestRequest, PrepareForestServices } from './prepare-forest.js'

/** What a version is prepared with. */
export interface PrepareServices extends PrepareForestServices {
  startEngine: StartEngine
  /** Takes lines for the operator. */
  say(line: string): void
}

/** What is known of a version before it is prepared. */
export type NamedVersion = PrepareForestRequest['version']

/** A version and how it is wanted. */
export interface PrepareRequest {
  store: StoreAddress
  /** Finds the version; it is asked while Python runs for the checks anyway. */
  resolve(registry: Registry): Promise<NamedVersion>
  choice: EngineChoice
  /** `NAME@VERSION` of a version that may be served although loading it runs code; null for none. */
  allowPickle: string | null
}

/** What MLflow's server is started with, after the checks. */
interface ForMlflow {
  version: string
  folder: string | null
  notes: string[]
  columns: ServedVersion['columns']
  golden: Parameters<typeof goldenComplaint>[0]
  reason: string | null
}

/**
 * Makes a version ready to answer. Its compiled forest is taken where one is proven and wanted; else its files are checked
 * before anything of them is loaded, then MLflow's server is started and has to give the stored answers to the version's own
 * rows. A forest has given those before its proof was kept.
 *
 * @throws ChurnOpsError `MODEL_INTEGRITY`, `PICKLE_REFUSED`, `SIGNATURE_MISSING`, `SERVER_START`, `ENGINE_UNAVAILABLE`, or what
 * the registry throws; nothing is left running then.
 */
export async function prepareVersion(
  request: PrepareRequest,
  services: PrepareServices,
): Promise<{ served: ServedVersion; notes: string[] }> {
  const { store } = request
  const prepared = await services.withPython(async () => {
    const named = await request.resolve(await services.registry())
    const { version } = named
    const { choice, allowPickle } = request
    const chosen = await chooseEngine({ store, version: named, choice, allowPickle }, services)
    if ('engine' in chosen) return { ...chosen, version }
    return { ...(await checked(request, version, services)), reason: chosen.reason }
  })
  if ('engine' in prepared) {
    const { engine, proof, columns, version } = prepared
    // It computes in this process and ends with it.
    const ended = new Promise<never>(() => undefined)
    return { served: { engine, proof, columns, version, model: store.model, reason: null, ended }, notes: [] }
  }
  if (prepared.reason !== null)
    services.say(`Version ${prepared.version} is served by MLflow, not compiled: ${prepared.reason}.`)
  return { served: await servedByMlflow(store, prepared, services), notes: prepared.notes }
}

async function checked(
  { store, allowPickle }: PrepareRequest,
  version: string,
  { registry, onProgress }: PrepareServices,
): Promise<Omit<ForMlflow, 'reason'>> {
  const found = await registry()
  const { folder, notes } = await found.verify({ store, version, allowPickle }, onProgress)
  const columns = await found.columns(store, version)
  if (columns.length === 0) throw unnamed(version)
  return { version, folder, notes, columns, golden: await found.golden(store, version) }
}

async function servedByMlflow(
  store: StoreAddress,
  { version, folder, columns, golden, reason }: ForMlflow,
  { startEngine }: PrepareServices,
): Promise<ServedVersion> {
  const started = await startEngine({ store, version, folder, columns })
  try {
    const answers = await started.engine.score(trialRows(columns, golden))
    const complaint = goldenComplaint(golden, answers)
    if (complaint !== null) throw unlike(version, complaint)
  } catch (error) {
    await started.engine.close()
    throw error
  }
  return { ...started, model: store.model, version, columns, proof: null, reason }
}

function unnamed(version: string): ChurnOpsError {
  return new ChurnOpsError('SIGNATURE_MISSING', {
    message: `The signature of version ${version} has no column names, so its rows cannot be checked. It is not served.`,
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
