import type {
  DriftRequest,
  RetrainingRequest,
  RetrainingTable,
  Window,
  WindowRequest,
} from '../../contract/drift.js'
import type { DriftReport } from '../../domain/drift/drift-report.js'
import type { OnProgress } from '../../domain/progress.js'
import type { Dataset } from '../../domain/table/dataset.js'

/** Where the window of a monitoring run comes from. */
export type WindowSource = { kind: 'held-out' } | { kind: 'file'; dataset: Dataset; invalidRecords: number[] }

/** A window by the id that it got when it was drawn. */
export interface DrawnWindow extends Window {
  windowId: string
}

/** A request about a drawn window, which is kept in a file of the detector's. */
export type OfWindow<Request extends { file: string }> = Omit<Request, 'file'> & { windowId: string }

/** Evidently over the reference and a window of answered rows. */
export interface DriftDetector {
  /** Starts Evidently's imports while the endpoint answers. */
  warm(): void
  window(request: Omit<WindowRequest, 'file'>, onProgress: OnProgress): Promise<DrawnWindow>
  measure(request: OfWindow<DriftRequest>, onProgress: OnProgress): Promise<DriftReport>
  /** Writes the training reference plus the labelled window as one CSV for a retraining; returns its path. */
  retrainingTable(request: OfWindow<RetrainingRequest>): Promise<RetrainingTable>
  /** Removes the windows. */
  dispose(): Promise<void>
}
