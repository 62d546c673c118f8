import { z } from 'zod'
import { CHAMPION_ALIAS } from '../domain/registry/stage.js'
import type { StoreAddress } from '../domain/store-address.js'
import { get } from '../http/client.js'

const TIMEOUT_MS = 5_000
const answer = z.object({ model_version: z.object({ version: z.string() }) })

/** What a tracking server tells of the alias: the version, or a word for none; a server that is away changes nothing. */
export async function championByHttp({ trackingUri, model }: StoreAddress): Promise<string> {
  const server = new URL(trackingUri)
  const login = loginOf(server)
  server.username = ''
  server.password = ''
  const query = new URLSearchParams({ name: model, alias: CHAMPION_ALIAS })
  const url = `${server.href.replace(/\/+$/, '')}/api/2.0/mlflow/registered-models/alias?${query}`
  const outcome = await get(url, {
    timeoutMs: TIMEOUT_MS,
    headers: login === null ? {} : { authorization: login },
  })
  if (outcome.kind === 'failure' || outcome.status >= 500) return 'away'
  if (outcome.status !== 200) return 'none'
  try {
    return answer.parse(JSON.parse(outcome.text)).model_version.version
  } catch {
    return 'away'
  }
}

/** The login that MLflow's own clients would show. */
function loginOf(server: URL): string | null {
  const { MLFLOW_TRACKING_TOKEN, MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD } = process.env
  const user = decodeURIComponent(server.username) || (MLFLOW_TRACKING_USERNAME ?? '')
  const password = decodeURIComponent(server.password) || (MLFLOW_TRACKING_PASSWORD ?? '')
  if (user !== '') return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  return MLFLOW_TRACKING_TOKEN === undefined ? null : `Bearer ${MLFLOW_TRACKING_TOKEN}`
}
