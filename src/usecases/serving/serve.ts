import type { OnProgress } from '../../domain/progress.js'
import { requireChampion } from '../../domain/registry/champion.js'
import { portInUse, portNumber } from '../../domain/serving/endpoint.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { Registry } from '../ports/registry.js'
import type { FindPortHolder, ModelServer, RunningServer, ServeRecords } from '../ports/serving.js'

/** What `serve` is asked to do. */
export interface ServeRequest {
  store: StoreAddress
  /** 0 takes any free port. */
  port: unknown
  /** `NAME@VERSION` of a version that may be served although loading it runs code; null for none. */
  allowPickle: string | null
}

/** What serving needs; each is made when it is reached, since a taken port must be told at once. */
export interface ServeServices {
  portHolder: FindPortHolder
  registry(): Promise<Registry>
  /** Ends the Python process behind the registry after some work: a server that runs all day has no use for it. */
  withPython<T>(work: () => Promise<T>): Promise<T>
  modelServer(): Promise<ModelServer>
  serveRecords(): Promise<ServeRecords>
  onProgress: OnProgress
}

/**
 * Starts the version in production and returns when it answers; the version is resolved once, so a later promotion
 * changes nothing under a running server. Its files are checked before anything of them is loaded.
 *
 * @throws ChurnOpsError `PORT_IN_USE`, `NO_CHAMPION`, `MODEL_INTEGRITY`, `PICKLE_REFUSED`, `SIGNATURE_MISSING`,
 * `SERVER_START`, or what the registry throws.
 */
export async function serve(
  { store, port: written, allowPickle }: ServeRequest,
  services: ServeServices,
): Promise<RunningServer & { version: string; notes: string[] }> {
  const port = portNumber(written)
  const holder = port === 0 ? null : await services.portHolder(port)
  if (holder !== null) throw portInUse(port, holder, 'serve')
  const { onProgress } = services
  onProgress({ phase: 'resolve', done: 0, total: 0, text: `the version of ${store.model} in production` })
  const { version, folder, notes, columns } = await services.withPython(async () => {
    const registry = await services.registry()
    const { version } = requireChampion(await registry.versions(store, true), store.model)
    const { folder, notes } = await registry.verify({ store, version, allowPickle }, onProgress)
    return { version, folder, notes, columns: await registry.columns(store, version) }
  })
  const running = await (await services.modelServer()).serve({ store, version, folder, port, onProgress })
  await (await services.serveRecords()).write({
    url: running.url,
    version,
    model: store.model,
    pid: running.pid,
    columns,
    startedAt: new Date().toISOString(),
  })
  return { ...running, version, notes }
}
