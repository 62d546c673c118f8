import type { DriftRequest, Window, WindowRequest } from '../../contract/drift.js'
import type { DriftReport } from '../../domain/drift/drift-report.js'
import type { OnProgress } from '../../domain/progress.js'
import type { Dataset } from '../../domain/table/dataset.js'

/** Where the window of a monitoring run comes from. */
export type WindowSource = { kind: 'held-out' } | { kind: 'file'; dataset: Dataset; invalidRecords: number[] }

/** Evidently over the reference and a window of answered rows. */
export interface DriftDetector {
  /** Starts Evidently's imports while the endpoint answers. */
  warm(): void
  window(request: WindowRequest, onProgress: OnProgress): Promise<Window>
  judge(request: DriftRequest, onProgress: OnProgress): Promise<DriftReport>
  /** Writes the training reference plus the labelled window as one CSV for a retraining; returns its path. */
  retrainingTable(request: {
    windowId: string
    path: string
  }): Promise<{ path: string; rows: number; newRows: number }>
}
