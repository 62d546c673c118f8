import { dirname, join } from 'node:path'
import { packageRoot, pythonVariables } from '../../src/compose.js'
import { FRONT_LIMITS } from '../../src/domain/serving/front-limits.js'
import type { KnownColumn } from '../../src/domain/serving/model-fit.js'
import { TELCO_SCHEMA } from '../../src/domain/table/telco-schema.js'
import { createRequestLog } from '../../src/files/request-log.js'
import { startFront } from '../../src/serving/front/front.js'
import { createMlflowEngine } from '../../src/serving/mlflow-engine.js'
import { createModelServer } from '../../src/serving/model-server.js'
import type { Front, FrontOptions, RequestLog, ServedVersion } from '../../src/usecases/ports/front.js'
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

/** A front on a real version, with the bare server behind it. */
export interface RealFront {
  front: Front
  log: RequestLog
  /** Where `mlflow models serve` itself answers. */
  bare: string
  close(): Promise<void>
}

/** Starts `mlflow models serve` on a version, and the front before it in this process. */
export async function startRealFront(
  live: LiveModel,
  stateFolder: string,
  options: Partial<FrontOptions> = {},
): Promise<RealFront> {
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
  const { engine } = createMlflowEngine(
    bare,
    TELCO_COLUMNS.map(({ name }) => name),
  )
  const log = createRequestLog(stateFolder)
  const front = await startFront(
    frontOptions({ model: live.model, version: live.version, engine, columns: TELCO_COLUMNS }, log, options),
  )
  return {
    front,
    log,
    bare: bare.url,
    close: async () => {
      await front.close()
      await servers.dispose()
    },
  }
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
