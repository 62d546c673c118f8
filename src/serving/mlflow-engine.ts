import type { RunningServer } from '../usecases/ports/serving.js'
import type { ScoringEngine } from './engine.js'
import { createScorer } from './scorer.js'

/** `mlflow models serve` on a port of this machine as what answers. */
export function createMlflowEngine(
  server: Pick<RunningServer, 'url' | 'stop'>,
  columns: readonly string[],
): ScoringEngine {
  const scorer = createScorer()
  return {
    kind: 'mlflow',
    score: (rows) => scorer.score(server.url, rows, columns),
    close: () => server.stop(),
  }
}
