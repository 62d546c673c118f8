import type { OnProgress } from '../../domain/progress.js'
import { versionNumber } from '../../domain/registry/version-number.js'
import type { Evidence } from '../../domain/search/evidence.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { Reporter } from '../ports/evidence.js'

export interface ReportInput {
  store: StoreAddress
  /** A number, as people write it. */
  version: string
  /** Folder for the copies, by version. */
  output: (version: string) => string
  waitSeconds: number
}

/**
 * Makes card, pictures and tables of a version from the store alone, logs them to its run and keeps copies.
 *
 * @throws ChurnOpsError `USAGE`, `VERSION_UNKNOWN`, `MODEL_INTEGRITY`, `NOT_WRITABLE`, or of the store.
 */
export async function report(
  input: ReportInput,
  ports: { reporter: () => Promise<Reporter>; onProgress: OnProgress },
): Promise<Evidence> {
  const version = versionNumber(input.version)
  const reporter = await ports.reporter()
  const request = {
    store: input.store,
    version,
    output: input.output(version),
    waitSeconds: input.waitSeconds,
  }
  return reporter.report(request, ports.onProgress)
}
