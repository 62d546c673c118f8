import type { OnProgress } from '../domain/progress.js'
import { inputColumns } from '../domain/serving/value-check.js'
import { ChurnOpsError } from '../errors.js'
import type { StartEngine } from '../usecases/ports/front.js'
import type { ModelServer } from '../usecases/ports/serving.js'
import { createMlflowEngine } from './mlflow-engine.js'

/** Starts what answers for a version: `mlflow models serve` on an inner port. */
export function createStartEngine(
  modelServer: () => Promise<ModelServer>,
  onProgress: OnProgress,
): StartEngine {
  return async ({ choice, store, version, folder, columns }) => {
    if (choice === 'compiled') throw notCompiled(version)
    const server = await (await modelServer()).serve({ store, version, folder, port: 0, onProgress })
    const names = inputColumns(columns).map(({ name }) => name)
    return { ...createMlflowEngine(server, names), proof: null, reason: null }
  }
}

function notCompiled(version: string): ChurnOpsError {
  return new ChurnOpsError('ENGINE_UNAVAILABLE', {
    message: `Version ${version} cannot be served by the compiled engine, which this release does not have. Nothing is served.`,
    hint: 'Run `churn-ops serve --engine auto`, which takes the engine that can serve it.',
    details: { version, engine: 'compiled' },
  })
}
