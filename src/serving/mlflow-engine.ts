import type { StartedEngine } from '../usecases/ports/front.js'
import type { RunningServer } from '../usecases/ports/serving.js'
import { createScorer } from './scorer.js'

/** `mlflow models serve` on a port of this machine as what answers; its end is told unless it was closed. */
export function createMlflowEngine(
  server: Pick<RunningServer, 'url' | 'ended' | 'stop'>,
  columns: readonly string[],
): Pick<StartedEngine, 'engine' | 'ended'> {
  const scorer = createScorer()
  let isClosed = false
  return {
    engine: {
      kind: 'mlflow',
      score: (rows) => scorer.score(server.url, rows, columns),
      close: () => {
        isClosed = true
        return server.stop()
      },
    },
    ended: new Promise((resolve) => {
      void server.ended.then((end) => {
        if (!isClosed) resolve(end)
      })
    }),
  }
}
