import { createServer } from 'node:net'
import { basename, delimiter, dirname } from 'node:path'
import { isolatedPython } from '../process/isolated-python.js'
import type { ModelServer, RunningServer } from '../usecases/ports/serving.js'
import { type Launch, launch } from './launch.js'
import { artifactFolder, isMisread, storeForChild } from './store-uri.js'

/** What MLflow's servers need to start. */
export interface ModelServerOptions {
  /** Absolute path of the interpreter. */
  interpreter: string
  /** Folder with `uvicorn` and the other scripts. */
  binFolder: string
  /** Absolute path of `churn_ops_launch.py`. */
  launcher: string
  /** Variables of every Python process of ours. */
  variables: Record<string, string>
}

const HOST = '127.0.0.1'

// Settings of the user's shell that would undo ours: another bind, no Host check, other servers, foreign modules.
const REMOVED_VARIABLES = [
  'MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE',
  'MLFLOW_SERVER_ALLOWED_HOSTS',
  'MLFLOW_SERVER_CORS_ALLOWED_ORIGINS',
  'MLFLOW_SERVER_X_FRAME_OPTIONS',
  'GUNICORN_CMD_ARGS',
  'UVICORN_APP_DIR',
  'UVICORN_ENV_FILE',
  'UVICORN_FD',
  'UVICORN_HOST',
  'UVICORN_LOG_CONFIG',
  'UVICORN_UDS',
  'BASH_ENV',
  'MLFLOW_GUNICORN_OPTS',
  'MLFLOW_UVICORN_OPTS',
  'MLFLOW_STATIC_PREFIX',
  'MLFLOW_ARTIFACTS_ONLY',
]

/** MLflow's own servers as child processes tied to our life. */
export function createModelServer(options: ModelServerOptions): ModelServer {
  const launches = new Set<Launch>()
  const start = async (
    name: string,
    port: number,
    parameters: readonly string[],
    environment: Record<string, string | undefined>,
    links: Readonly<Record<string, string>>,
    ready: { path: string; onWait: (elapsedMs: number) => void },
  ): Promise<RunningServer> => {
    const launched = await launch({
      name,
      interpreter: options.interpreter,
      launcher: options.launcher,
      parameters,
      environment: {
        ...isolatedPython(),
        ...options.variables,
        MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false',
        ...Object.fromEntries(REMOVED_VARIABLES.map((variable) => [variable, undefined])),
        // MLflow starts `uvicorn` by its bare name.
        PATH: [options.binFolder, process.env.PATH ?? ''].join(delimiter),
        ...environment,
      },
      links,
    })
    launches.add(launched)
    try {
      await launched.ready(`http://${HOST}:${port}${ready.path}`, port, ready.onWait)
    } catch (error) {
      await launched.stop()
      launches.delete(launched)
      throw error
    }
    return {
      url: `http://${HOST}:${port}`,
      pid: launched.pid,
      ended: launched.ended,
      stop: async () => {
        await launched.stop()
        launches.delete(launched)
      },
    }
  }
  return {
    async serve({ store, version, folder, port: wanted, onProgress }) {
      const port = wanted === 0 ? await freePort() : wanted
      const { uri, links } = storeForChild(store.trackingUri)
      // MLflow refuses a model that is a link itself, and takes one below it.
      const linked = folder !== null && isMisread(folder) ? dirname(folder) : null
      return start(
        'model server',
        port,
        [
          'models',
          'serve',
          '-m',
          linked === null ? `models:/${store.model}/${version}` : `model/${basename(folder ?? '')}`,
          '--env-manager',
          'local',
          ...bindTo(port),
        ],
        {
          MLFLOW_TRACKING_URI: uri,
          // Without it the answer to a bad request lists the model's schema.
          MLFLOW_DISABLE_SCHEMA_DETAILS: 'true',
          // The scorer is in the version's folder, which must stay as it was registered.
          PYTHONDONTWRITEBYTECODE: '1',
        },
        linked === null ? links : { ...links, model: linked },
        { path: '/ping', onWait: waiting(`${store.model} version ${version}`, onProgress) },
      )
    },
    async ui({ store, port: wanted, onProgress }) {
      const port = wanted === 0 ? await freePort() : wanted
      const { uri, links } = storeForChild(store.trackingUri)
      return start(
        'web UI',
        port,
        [
          'ui',
          ...bindTo(port),
          ...['--allowed-hosts', `${HOST}:${port},localhost:${port}`],
          ...['--artifacts-destination', artifactFolder(store.trackingUri)],
        ],
        {
          MLFLOW_BACKEND_STORE_URI: uri,
          MLFLOW_TRACKING_URI: undefined,
          // No job runner: it would bring processes and folders in shared memory that outlive a kill.
          MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
        },
        links,
        { path: '/health', onWait: waiting('MLflow', onProgress) },
      )
    },
    dispose: async () => {
      await Promise.all([...launches].map((launched) => launched.stop()))
      launches.clear()
    },
  }
}

function bindTo(port: number): string[] {
  return ['--host', HOST, '--port', String(port), '--workers', '1']
}

function waiting(what: string, onProgress: Parameters<ModelServer['serve']>[0]['onProgress']) {
  return (elapsedMs: number): void =>
    onProgress({ phase: 'start', done: 0, total: 0, text: `${what}, ${Math.round(elapsedMs / 1000)} s` })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, HOST, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
