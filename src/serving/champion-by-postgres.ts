import { Client } from 'pg'
import { CHAMPION_ALIAS } from '../domain/registry/stage.js'
import type { StoreAddress } from '../domain/store-address.js'

const TIMEOUT_MS = 5_000
const QUERY = 'SELECT version FROM registered_model_aliases WHERE name = $1 AND alias = $2 ORDER BY 1'

/** Reads the alias from a PostgreSQL store over one connection, which is made anew after it was lost. */
export function championByPostgres({ trackingUri, model }: StoreAddress): {
  /** The version, or a word for none; `away` when the server does not answer. */
  look(): Promise<string>
  close(): Promise<void>
} {
  // SQLAlchemy names its driver in the scheme.
  const connectionString = trackingUri.replace(/^postgres(?:ql)?(?:\+\w+)?:/, 'postgresql:')
  let connected: Client | null = null
  const close = async (): Promise<void> => {
    const client = connected
    connected = null
    await client?.end().catch(() => undefined)
  }
  const open = async (): Promise<Client> => {
    if (connected !== null) return connected
    const client = new Client({
      connectionString,
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
      application_name: 'churn-ops serve',
    })
    // A session that the server ends between two looks would end the program.
    client.on('error', () => void close())
    await client.connect()
    connected = client
    return client
  }
  return {
    look: async () => {
      try {
        const { rows } = await (await open()).query<{ version: number }>(QUERY, [model, CHAMPION_ALIAS])
        return rows.length === 0 ? 'none' : rows.map(({ version }) => version).join(' ')
      } catch {
        await close()
        return 'away'
      }
    },
    close,
  }
}
