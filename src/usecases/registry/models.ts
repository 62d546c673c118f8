import type { ModelVersion } from '../../domain/registry/model-version.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { Registry } from '../ports/registry.js'

/** Every version of a model, the newest first. */
export async function models(store: StoreAddress, ports: { registry: Registry }): Promise<ModelVersion[]> {
  return [...(await ports.registry.versions(store))].reverse()
}
