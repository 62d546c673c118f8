import { requireChampion } from '../../domain/registry/champion.js'
import type { ModelVersion } from '../../domain/registry/model-version.js'
import { portInUse, portNumber } from '../../domain/serving/endpoint.js'
import { FRONT_LIMITS, requiredKey } from '../../domain/serving/front-limits.js'
import type { StoreAddress } from '../../domain/store-address.js'
import { ChurnOpsError } from '../../errors.js'
import type {
  ChampionWatch,
  EngineChoice,
  Front,
  FrontOptions,
  RequestLog,
  ServedVersion,
} from '../ports/front.js'
import type { Registry } from '../ports/registry.js'
import type { FindPortHolder, ServeRecords } from '../ports/serving.js'
import { type NamedVersion, type PrepareServices, prepareVersion } from './prepare-version.js'

/** What `serve` is asked to do. */
export interface ServeRequest {
  store: StoreAddress
  /** 0 takes any free port. */
  port: unknown
  host: string
  allowedHosts: readonly string[]
  /** From the environment. */
  apiKey: string | undefined
  engine: EngineChoice
  /** The version to stay with; null follows the one in production. */
  pin: string | null
  /** `NAME@VERSION` of a version that may be served although loading it runs code; null for none. */
  allowPickle: string | null
  /** The id column of the table; null when there is none. */
  idColumn: string | null
}

/** What serving needs; each is made when it is reached, since a taken port must be told at once. */
export interface ServeServices extends PrepareServices {
  portHolder: FindPortHolder
  championWatch(): Promise<ChampionWatch>
  startFront(options: FrontOptions): Promise<Front>
  requestLog(): Promise<RequestLog>
  serveRecords(): Promise<ServeRecords>
  packageVersion: string
  /** Process id of the front. */
  pid: number
}

/** A front that answers. */
export interface Serving {
  front: Front
  served: ServedVersion
  notes: string[]
  /** Calls back whenever the live version may have changed; null for one that stays. */
  watch: Awaited<ReturnType<ChampionWatch['begin']>> | null
}

/**
 * Starts the version in production behind the front and returns when it answers.
 *
 * @throws ChurnOpsError `PORT_IN_USE`, `API_KEY_MISSING`, `NO_CHAMPION`, `VERSION_UNKNOWN`, or what preparing a version throws.
 */
export async function serve(request: ServeRequest, services: ServeServices): Promise<Serving> {
  const port = portNumber(request.port)
  const apiKey = requiredKey(request.host, request.apiKey)
  const holder = port === 0 ? null : await services.portHolder(port)
  if (holder !== null) throw portInUse(port, holder, 'serve')
  const { store, pin, engine, allowPickle } = request
  const { onProgress } = services
  onProgress({ phase: 'resolve', done: 0, total: 0, text: `the version of ${store.model} to serve` })
  const watch = pin === null ? await (await services.championWatch()).begin(store) : null
  const resolve = async (registry: Registry): Promise<NamedVersion> => {
    const versions = await registry.versions(store, true)
    return pin === null ? requireChampion(versions, store.model) : versionOf(versions, pin, store.model)
  }
  const { served, notes } = await prepareVersion({ store, resolve, choice: engine, allowPickle }, services)
  const front = await services
    .startFront({
      host: request.host,
      port,
      allowedHosts: request.allowedHosts,
      apiKey,
      limits: FRONT_LIMITS,
      idColumn: request.idColumn,
      packageVersion: services.packageVersion,
      first: served,
      log: await services.requestLog(),
      say: services.say,
    })
    .catch(async (error: unknown) => {
      await served.engine.close()
      throw error
    })
  await recordServed(front, served, services)
  return { front, served, notes, watch }
}

/** Writes down who answers where, for `predict`, `monitor` and `prune`. */
export async function recordServed(
  { url }: Pick<Front, 'url'>,
  { version, model, columns }: ServedVersion,
  { serveRecords, pid }: Pick<ServeServices, 'serveRecords' | 'pid'>,
): Promise<void> {
  const startedAt = new Date().toISOString()
  await (await serveRecords()).write({ url, version, model, pid, columns, startedAt })
}

/** Finds a version by its number. @throws ChurnOpsError `VERSION_UNKNOWN` */
export function versionOf(versions: readonly ModelVersion[], number: string, model: string): ModelVersion {
  const found = versions.find(({ version }) => version === number)
  if (found !== undefined) return found
  throw new ChurnOpsError('VERSION_UNKNOWN', {
    message: `The registry has no version ${number} of ${model}. Nothing is served.`,
    hint: 'Run `churn-ops models` to list the versions.',
    details: { version: number, model },
  })
}
