import type { DriftLimits, DriftReport } from '../../domain/drift/drift-report.js'
import type { ColumnChange } from '../../domain/drift/drift-simulation.js'
import type { OnProgress } from '../../domain/progress.js'
import type { RawRow, Scored } from '../../domain/serving/prediction.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { Dataset } from '../../domain/table/dataset.js'
import type { TableSchema } from '../../domain/table/schema.js'

/** Where the window of a monitoring run comes from. */
export type WindowSource = { kind: 'held-out' } | { kind: 'file'; dataset: Dataset; invalidRecords: number[] }

export interface WindowRequest {
  store: StoreAddress
  version: string
  schema: TableSchema
  source: WindowSource
  sample: number
  seed: number
  /** Alterations of a simulated drift, in order; empty for the rows as they are. */
  changes: ColumnChange[]
}

/** The sampled rows as the endpoint takes them; labels and row keys stay in Python under `windowId`. */
export interface Window {
  windowId: string
  rows: RawRow[]
  /** Names of the values of each row. */
  columns: string[]
  labelled: boolean
  /** True when the window's rows are the rows that the model was trained or held out on. */
  sameData: boolean
}

export interface DriftRequest {
  store: StoreAddress
  version: string
  schema: TableSchema
  windowId: string
  /** One answer a row, in the order of the window. */
  answers: Scored[]
  limits: DriftLimits
  reportFolder: string
}

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
