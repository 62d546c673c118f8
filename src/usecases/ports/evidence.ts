import type { OnProgress } from '../../domain/progress.js'
import type { Evidence, Reproduction } from '../../domain/search/evidence.js'
import type { StoreAddress } from '../../domain/store-address.js'

export interface ReportRequest {
  store: StoreAddress
  version: string
  /** Absolute path of the folder that gets the copies. */
  output: string
  waitSeconds: number
}

export interface ReproductionRequest {
  store: StoreAddress
  version: string
  /** Absolute path where the data lies now; null for the recorded one. */
  data: string | null
  packageVersion: string
  lockSha256: string
}

/** Looks at one version: from the store alone, or by training it again. */
export interface Reporter {
  report(request: ReportRequest, onProgress: OnProgress): Promise<Evidence>
  /** Trains without registering or logging anything. */
  reproduce(request: ReproductionRequest, onProgress: OnProgress): Promise<Reproduction>
}
