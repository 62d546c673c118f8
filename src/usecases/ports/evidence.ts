import type { ReportRequest, ReproductionRequest } from '../../contract/training.js'
import type { OnProgress } from '../../domain/progress.js'
import type { Evidence, Reproduction } from '../../domain/search/evidence.js'

/** Looks at one version: from the store alone, or by training it again. */
export interface Reporter {
  report(request: ReportRequest, onProgress: OnProgress): Promise<Evidence>
  /** Trains without registering or logging anything. */
  reproduce(request: ReproductionRequest, onProgress: OnProgress): Promise<Reproduction>
}
