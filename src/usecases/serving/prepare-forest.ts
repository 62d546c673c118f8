import type { OnProgress } from '../../domain/progress.js'
import type { ModelVersion } from '../../domain/registry/model-version.js'
import type { StoreAddress } from '../../domain/store-address.js'
import { ChurnOpsError } from '../../errors.js'
import type { CompiledForests, ForestCompiler, ProvenForest } from '../ports/compiled-forest.js'
import type { Registry } from '../ports/registry.js'

/** Which version is to be answered for by its compiled forest. */
export interface PrepareForestRequest {
  store: StoreAddress
  version: Pick<ModelVersion, 'version' | 'manifestSha256'>
  /** Whether nothing else will do: then a reason against it is an error. */
  forced: boolean
}

/** What preparing needs; Python is asked only for a version that has no proof yet. */
export interface PrepareForestServices {
  compiledForests(): Promise<CompiledForests>
  forestCompiler(): Promise<ForestCompiler>
  registry(): Promise<Registry>
  /** Ends the Python process behind the registry after some work: a server that runs all day has no use for it. */
  withPython<T>(work: () => Promise<T>): Promise<T>
  onProgress: OnProgress
}

const ADVERSARIAL_ROWS = 3_000
// Some seconds of scikit-learn; 200 deep trees have a quarter of so many thresholds.
const BOUNDARY_ROWS = 50_000
const GOLDEN_ROWS = 64
const SEED = 42

/**
 * Gives the compiled forest of a version, proven to answer as scikit-learn does to the last bit: the kept one when its files
 * are whole and its golden rows come out the same, else a new one.
 *
 * @throws ChurnOpsError `ENGINE_UNAVAILABLE` when it is forced and there is none; `MODEL_INTEGRITY` for changed files of the
 * version, or what the store throws.
 */
export async function prepareForest(
  { store, version, forced }: PrepareForestRequest,
  services: PrepareForestServices,
): Promise<ProvenForest> {
  const prepared = await keptOrMade(store, version, services)
  if (forced && 'reason' in prepared) throw unproven(version.version, prepared.reason)
  return prepared
}

async function keptOrMade(
  store: StoreAddress,
  { version, manifestSha256 }: PrepareForestRequest['version'],
  services: PrepareForestServices,
): Promise<ProvenForest> {
  if (manifestSha256 === null) return { reason: 'it has no manifest to bind a proof to' }
  const { onProgress } = services
  const forests = await services.compiledForests()
  const kept = await forests.kept(manifestSha256)
  if (kept !== null && !('unfit' in kept)) return kept
  if (kept !== null) {
    const text = `the kept forest cannot be used (${kept.unfit}) and is compiled again`
    onProgress({ phase: 'compile', done: 0, total: 0, text })
  }
  const draft = await forests.draft(manifestSha256)
  try {
    const [compiled, columns] = await services.withPython(async () => {
      const made = { adversarialRows: ADVERSARIAL_ROWS, boundaryRows: BOUNDARY_ROWS, goldenRows: GOLDEN_ROWS }
      const request = { store, version, folder: draft.folder, ...made, seed: SEED }
      const compiler = await services.forestCompiler()
      const compiled = await compiler.compile(request, onProgress)
      if ('reason' in compiled) return [compiled, []]
      return [compiled, await (await services.registry()).columns(store, version)]
    })
    if (!('reason' in compiled)) return await draft.prove(columns, onProgress)
    await draft.refuse(compiled.reason)
    return compiled
  } finally {
    await draft.discard()
  }
}

function unproven(version: string, reason: string): ChurnOpsError {
  return new ChurnOpsError('ENGINE_UNAVAILABLE', {
    message: `Version ${version} cannot be computed by the compiled engine: ${reason}. Nothing was changed.`,
    hint: 'Run `churn-ops serve --engine mlflow` to serve it with MLflow.',
    details: { version, reason },
  })
}
