import type { ModelVersion } from '../domain/model-version.js'
import type { Registry, StoreAddress } from './ports.js'

/** Every version of a model, the newest first. */
export async function models(store: StoreAddress, ports: { registry: Registry }): Promise<ModelVersion[]> {
  return [...(await ports.registry.versions(store))].reverse()
}
