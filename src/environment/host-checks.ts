import { constants } from 'node:fs'
import { access, mkdtemp, open, rmdir, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { sqliteFile } from '../domain/store-address.js'
import { withoutPassword } from '../domain/text/redaction.js'
import { ChurnOpsError, type ErrorCode } from '../errors.js'
import { get } from '../http/client.js'
import { portHolder } from '../process/port-holder.js'
import { createTemporaryFolder, temporaryPlace } from '../process/temporary-folder.js'
import type { Check, HostChecks } from '../usecases/ports/environment.js'

const SQLITE_HEADER = 'SQLite format 3\0'
const STORE_TIMEOUT_MS = 5_000

/** Looks at the folder, the store and the ports around us; changes nothing. */
export function createHostChecks(options: { trackingUri: string; stateFolder: string }): HostChecks {
  const { trackingUri, stateFolder } = options
  return {
    folder: () => checkFolder(dirname(stateFolder)),
    temporary: checkTemporary,
    store: async () => {
      const file = sqliteFile(trackingUri)
      if (file !== null) return checkSqlite(resolve(file))
      if (/^https?:/.test(trackingUri)) return checkServer(trackingUri)
      // Only Python speaks to other databases: the row about the model tells whether they answer.
      return { check: well('store', `${schemeOf(trackingUri)} store, used through MLflow`), exists: true }
    },
    port: checkPort,
  }
}

async function checkFolder(folder: string): Promise<Check> {
  try {
    // Permission bits do not tell of read-only disks; making something does.
    await rmdir(await mkdtemp(join(await nearestFolder(folder), '.churn-ops-check-')))
    return well('folder', `${folder} is writable`)
  } catch (error) {
    return failing('folder', 'NOT_WRITABLE', `${folder} is not writable: ${reasonOf(error)}`, {
      cure: 'Work in a folder that you can write to.',
    })
  }
}

async function checkTemporary(): Promise<Check> {
  const name = 'temporary files'
  try {
    await (await createTemporaryFolder('churn-ops-check-')).remove()
    return well(name, `${temporaryPlace().path} is writable`)
  } catch (error) {
    if (!(error instanceof ChurnOpsError)) throw error
    return failing(name, error.code, error.message, { cure: error.hint })
  }
}

async function nearestFolder(folder: string): Promise<string> {
  const exists = await stat(folder).then(
    () => true,
    () => false,
  )
  return exists || folder === dirname(folder) ? folder : nearestFolder(dirname(folder))
}

async function checkSqlite(path: string): Promise<{ check: Check; exists: boolean }> {
  const cure = `Name another store with --tracking-uri, or move ${path} away.`
  const bad = (message: string): { check: Check; exists: boolean } => ({
    check: failing('store', 'STORE_UNREACHABLE', message, { cure }),
    exists: false,
  })
  try {
    if ((await stat(path)).isDirectory()) return bad(`${path} is a folder, not a SQLite file`)
    await access(path, constants.R_OK)
    const header = await firstBytes(path, SQLITE_HEADER.length)
    if (header !== '' && header !== SQLITE_HEADER) return bad(`${path} is not a SQLite file`)
    return { check: well('store', `SQLite file ${path}`), exists: header !== '' }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { check: well('store', `nothing there yet: \`churn-ops train\` creates ${path}`), exists: false }
    }
    return bad(`${path} cannot be read: ${reasonOf(error)}`)
  }
}

async function firstBytes(path: string, count: number): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(count), 0, count, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}

async function checkServer(trackingUri: string): Promise<{ check: Check; exists: boolean }> {
  const shown = withoutPassword(trackingUri)
  const answer = await get(`${trackingUri.replace(/\/+$/, '')}/version`, {
    timeoutMs: STORE_TIMEOUT_MS,
    headers: authorization(trackingUri),
  })
  if (answer.kind === 'answer' && answer.status === 200) {
    return { check: well('store', `MLflow ${answer.text.trim().slice(0, 20)} at ${shown}`), exists: true }
  }
  const why = answer.kind === 'failure' ? answer.reason : `it responds to /version with ${answer.status}`
  return {
    check: failing('store', 'STORE_UNREACHABLE', `${shown} cannot be reached: ${why}`, {
      cure: 'Start it (`churn-ops ui` or `mlflow ui`), or name another store with --tracking-uri.',
    }),
    exists: false,
  }
}

/** What MLflow's client sends to a server behind a login; what stands in the URL itself goes before it. */
function authorization(trackingUri: string): Record<string, string> {
  const { MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password } = process.env
  const { MLFLOW_TRACKING_TOKEN: token } = process.env
  const { username } = new URL(trackingUri)
  if (username !== '') return {}
  if (user || password) {
    return { authorization: `Basic ${Buffer.from(`${user ?? ''}:${password ?? ''}`).toString('base64')}` }
  }
  return token ? { authorization: `Bearer ${token}` } : {}
}

async function checkPort(port: number): Promise<Check> {
  const holder = await portHolder(port)
  if (holder === null && (await canListen(port))) return well(`port ${port}`, 'free')
  const who =
    holder?.pid === null || holder === null
      ? 'another program'
      : `${holder.program ?? 'a program'} (pid ${holder.pid})`
  return failing(`port ${port}`, 'PORT_IN_USE', `held by ${who}`, {
    cure: `Stop it, or serve on another port: \`churn-ops serve --port ${port + 1}\`.`,
  })
}

async function canListen(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
  })
}

function schemeOf(uri: string): string {
  return /^[\w+]+(?=:)/.exec(uri)?.[0] ?? 'file'
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function well(name: string, message: string): Check {
  return { name, ok: true, message, cure: null, code: null }
}

function failing(name: string, code: ErrorCode, message: string, { cure }: { cure: string }): Check {
  return { name, ok: false, message, cure, code }
}
