import { dirname, join } from 'node:path'
import { compose, packageRoot, pythonVariables } from '../../src/compose.js'
import { FRONT_LIMITS } from '../../src/domain/serving/front-limits.js'
import type { KnownColumn } from '../../src/domain/serving/model-fit.js'
import { TELCO_SCHEMA } from '../../src/domain/table/telco-schema.js'
import { createRequestLog } from '../../src/files/request-log.js'
import { startFront } from '../../src/serving/front/front.js'
import { createModelServer } from '../../src/serving/model-server.js'
import type { Front, FrontOptions, RequestLog, ServedVersion } from '../../src/usecases/ports/front.js'
import { prepareVersion } from '../../src/usecases/serving/prepare-version.js'
import { versionOf } from '../../src/usecases/serving/serve.js'
import type { LiveModel } from './live-model.js'
import { testPython } from './python.js'

/** The columns of the bundled table as a version learns them. */
export const TELCO_COLUMNS: KnownColumn[] = TELCO_SCHEMA.features.map((column) => ({
  name: column.name,
  kind: column.kind,
  integer: column.kind === 'number' && column.integer,
  sensitive: false,
  required: true,
  values: column.kind === 'category' ? column.values : null,
}))

/** A front on a real version, in this process. */
export interface RealFront {
  front: Front
  log: RequestLog
  close(): Promise<void>
}

/** Starts the front on the compiled forest of a version, which starts no server. */
export async function startRealFront(
  live: LiveModel,
  stateFolder: string,
  options: Partial<FrontOptions> = {},
): Promise<RealFront> {
  const services = compose({
    trackingUri: live.trackingUri,
    python: await testPython(),
    onProgress: () => undefined,
  })
  try {
    const { served } = await prepareVersion(
      {
        store: live,
        resolve: async (registry) => versionOf(await registry.versions(live), live.version, live.model),
        choice: 'compiled',
        allowPickle: null,
      },
      { ...services, onProgress: () => undefined, say: () => undefined },
    )
    const log = createRequestLog(stateFolder)
    const front = await startFront(frontOptions(served, log, options))
    return { front, log, close: () => front.close() }
  } finally {
    await services.dispose()
  }
}

/** Starts `mlflow models serve` on a version, as a user would without us. */
export async function startBareServer(live: LiveModel): Promise<{ url: string; close(): Promise<void> }> {
  const interpreter = await testPython()
  const servers = createModelServer({
    interpreter,
    binFolder: dirname(interpreter),
    launcher: join(packageRoot, 'python', 'churn_ops_launch.py'),
    variables: pythonVariables(),
  })
  const bare = await servers.serve({
    store: live,
    version: live.version,
    folder: null,
    port: 0,
    onProgress: () => undefined,
  })
  return { url: bare.url, close: () => servers.dispose() }
}

/** Options of a front on a free port of this machine. */
export function frontOptions(
  served: Pick<ServedVersion, 'model' | 'version' | 'engine' | 'columns'>,
  log: RequestLog,
  options: Partial<FrontOptions> = {},
): FrontOptions {
  return {
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    apiKey: null,
    limits: FRONT_LIMITS,
    idColumn: TELCO_SCHEMA.id,
    packageVersion: '0.0.0',
    first: { ...served, proof: null, reason: null, ended: new Promise(() => undefined) },
    log,
    say: () => undefined,
    ...options,
  }
}
