import type { OnProgress } from '../../domain/progress.js'
import { portInUse, portNumber, shownUrl } from '../../domain/serving/endpoint.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { FindPortHolder, ModelServer, RunningServer } from '../ports/serving.js'
import type { StoreSchema } from '../ports/upgrade.js'

/** What `ui` is asked to do. */
export interface UiRequest {
  store: StoreAddress
  /** 0 takes any free port. */
  port: unknown
}

export interface UiServices {
  portHolder: FindPortHolder
  storeSchema(): Promise<Pick<StoreSchema, 'check'>>
  /** Ends the Python process that looks at the schema after that: a UI that runs all day has no use for it. */
  withPython<T>(work: () => Promise<T>): Promise<T>
  modelServer(): Promise<ModelServer>
  onProgress: OnProgress
}

/** A web UI of ours, or the one that the store has itself. */
export type Ui = { kind: 'started'; server: RunningServer } | { kind: 'there-already'; url: string }

/**
 * Starts MLflow's web UI on the store and returns when it answers; a store behind HTTP has one already.
 *
 * @throws ChurnOpsError `PORT_IN_USE`, `SERVER_START`, or `STORE_SCHEMA` for an older store, which `mlflow ui` would
 * upgrade unasked.
 */
export async function ui({ store, port: written }: UiRequest, services: UiServices): Promise<Ui> {
  if (/^https?:\/\//i.test(store.trackingUri))
    return { kind: 'there-already', url: shownUrl(store.trackingUri) }
  const port = portNumber(written)
  const holder = port === 0 ? null : await services.portHolder(port)
  if (holder !== null) throw portInUse(port, holder, 'ui')
  await services.withPython(async () => (await services.storeSchema()).check(store))
  const servers = await services.modelServer()
  return { kind: 'started', server: await servers.ui({ store, port, onProgress: services.onProgress }) }
}
