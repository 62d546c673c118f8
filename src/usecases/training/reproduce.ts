import type { ReproductionRequest } from '../../contract/training.js'
import type { OnProgress } from '../../domain/progress.js'
import { versionNumber } from '../../domain/registry/version-number.js'
import type { Reproduction } from '../../domain/search/evidence.js'
import type { Reporter } from '../ports/evidence.js'

/**
 * Trains a version again from what was recorded of it, and registers nothing.
 *
 * @throws ChurnOpsError `USAGE`, `VERSION_UNKNOWN`, `MODEL_INTEGRITY`, `DATA_UNREADABLE` or `DATA_CHANGED` when the data is
 * not there any more, or of the store.
 */
export async function reproduce(
  input: ReproductionRequest,
  ports: { reporter: () => Promise<Reporter>; onProgress: OnProgress },
): Promise<Reproduction> {
  const request = { ...input, version: versionNumber(input.version) }
  return (await ports.reporter()).reproduce(request, ports.onProgress)
}
