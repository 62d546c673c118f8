import type { OnProgress } from '../domain/progress.js'
import type { ChampionWatch, Front, FrontOptions, RequestLog, StartEngine } from '../usecases/ports/front.js'
import type { LogExport, RequestLogReader } from '../usecases/ports/request-log.js'
import type { ModelServer, Scorer, ServeRecords } from '../usecases/ports/serving.js'
import { once } from './once.js'

/** What serving and asking need outside the decisions. */
export interface ServingServices {
  scorer(): Promise<Scorer>
  serveRecords(): Promise<ServeRecords>
  modelServer(): Promise<ModelServer>
  startEngine: StartEngine
  startFront(options: FrontOptions): Promise<Front>
  championWatch(): Promise<ChampionWatch>
  /** The writer of the request log; `say` is told when logging stops and goes on. */
  requestLog(say: (line: string) => void): Promise<RequestLog>
  requestLogReader(): Promise<RequestLogReader>
  logExport(path: string): Promise<LogExport>
}

/** What composing them needs to know. */
interface ServingOptions {
  stateFolder: string
  /** Variables of every Python process of ours. */
  variables: Record<string, string>
  /** Absolute path of `churn_ops_launch.py`. */
  launcher: string
  interpreter(): Promise<{ interpreter: string; binFolder: string }>
  onProgress: OnProgress
}

/** Joins what serves; `dispose` lets everything that has arrived be answered first. */
export function composeServing({
  stateFolder,
  variables,
  launcher,
  interpreter,
  onProgress,
}: ServingOptions): {
  services: ServingServices
  dispose(): Promise<void>
} {
  const fronts: Front[] = []
  const exports: LogExport[] = []
  const serveRecords = once(async () =>
    (await import('../files/serve-record.js')).createServeRecords(stateFolder),
  )
  const modelServer = once(async () => {
    const ready = await interpreter()
    const { createModelServer } = await import('../serving/model-server.js')
    return createModelServer({ ...ready, launcher, variables })
  })
  return {
    services: {
      scorer: once(async () => (await import('../serving/scorer.js')).createScorer(await serveRecords())),
      serveRecords,
      modelServer,
      startEngine: async (wanted) => {
        const { createStartEngine } = await import('../serving/start-engine.js')
        return createStartEngine(modelServer, onProgress)(wanted)
      },
      startFront: async (wanted) => {
        const front = await (await import('../serving/front/front.js')).startFront(wanted)
        fronts.push(front)
        return front
      },
      championWatch: async () => (await import('../serving/champion-watch.js')).createChampionWatch(),
      requestLog: async (say) =>
        (await import('../files/request-log.js')).createRequestLog(stateFolder, { say }),
      requestLogReader: async () =>
        (await import('../files/request-log-reader.js')).createRequestLogReader(stateFolder),
      logExport: async (path) => {
        const file = (await import('../files/log-export.js')).openLogExport(path)
        exports.push(file)
        return file
      },
    },
    dispose: async () => {
      for (const file of exports) file.discard()
      await Promise.allSettled(fronts.map((front) => front.close()))
      await Promise.allSettled([
        ...(modelServer.started() ? [modelServer().then((servers) => servers.dispose())] : []),
        ...(serveRecords.started() ? [serveRecords().then((records) => records.dispose())] : []),
      ])
    },
  }
}
