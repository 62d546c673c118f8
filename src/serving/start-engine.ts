import type { OnProgress } from '../domain/progress.js'
import { inputColumns } from '../domain/serving/value-check.js'
import type { StartEngine } from '../usecases/ports/front.js'
import type { ModelServer } from '../usecases/ports/serving.js'
import { createMlflowEngine } from './mlflow-engine.js'

/** Starts what answers for a version: `mlflow models serve` on an inner port. */
export function createStartEngine(
  modelServer: () => Promise<ModelServer>,
  onProgress: OnProgress,
): StartEngine {
  return async ({ store, version, folder, columns }) => {
    const server = await (await modelServer()).serve({ store, version, folder, port: 0, onProgress })
    return createMlflowEngine(
      server,
      inputColumns(columns).map(({ name }) => name),
    )
  }
}
