import { versionNumber } from '../../domain/registry/version-number.js'
import type { StoreAddress } from '../../domain/store-address.js'
import { ChurnOpsError } from '../../errors.js'
import type { ForestProof } from '../ports/compiled-forest.js'
import { type PrepareForestServices, prepareForest } from './prepare-forest.js'

/** Which version is to be written as a module. */
export interface ExportForestRequest {
  store: StoreAddress
  /** A number, as people write it. */
  version: string
  /** Absolute paths of the module and of its types. */
  output: { module: string; types: string }
}

/** What was written. */
export interface ExportedForest {
  version: string
  path: string
  types: string
  bytes: number
  proof: ForestProof
}

/** What exporting needs; a file appears whole or not at all. */
export interface ExportForestServices extends PrepareForestServices {
  writeText(path: string, text: string): Promise<void>
}

/**
 * Writes a version as one ES module that answers as scikit-learn does, to the last bit.
 *
 * @throws ChurnOpsError `USAGE`, `VERSION_UNKNOWN`, `ENGINE_UNAVAILABLE`, `MODEL_INTEGRITY`, or what the store throws.
 */
export async function exportForest(
  { store, version: written, output }: ExportForestRequest,
  services: ExportForestServices,
): Promise<ExportedForest> {
  const number = versionNumber(written)
  return services.withPython(async () => {
    const registry = await services.registry()
    const version = (await registry.versions(store)).find(({ version }) => version === number)
    if (version === undefined) throw unknown(number, store.model)
    const prepared = await prepareForest({ store, version, forced: true }, services)
    if ('reason' in prepared || version.manifestSha256 === null) throw unknown(number, store.model)
    const forests = await services.compiledForests()
    const about = { model: store.model, version: number, proof: prepared.proof }
    const { code, types } = await forests.module(version.manifestSha256, about)
    await services.writeText(output.module, code)
    await services.writeText(output.types, types)
    const bytes = new TextEncoder().encode(code).length
    return { version: number, path: output.module, types: output.types, bytes, proof: prepared.proof }
  })
}

function unknown(version: string, model: string): ChurnOpsError {
  return new ChurnOpsError('VERSION_UNKNOWN', {
    message: `The registry has no version ${version} of ${model}. Nothing was written.`,
    hint: 'Run `churn-ops models` to list the versions.',
    details: { version },
  })
}
