export type Verdict = 'healthy' | 'drift' | 'not-enough-data'

/** One judged column; the prediction is one of them, named `prediction`. */
export interface DriftColumn {
  name: string
  method: string
  /** Null when the column could not be judged. */
  score: number | null
  threshold: number
  drifted: boolean
}

/** When drifted columns make the whole window drift. */
export interface DriftLimits {
  /** More than this share of drifted columns is drift. */
  share: number
  /** More than this number of drifted columns is drift. */
  count: number
  numberMethod: string
  categoryMethod: string
  columnThreshold: number
}

/** Quality on labelled rows; null without labels. */
export interface Performance {
  /** Labelled rows of the window. */
  rows: number
  reference: Record<string, number | null>
  window: Record<string, number | null>
}

/** Absolute paths of the saved reports. */
export interface ReportPaths {
  html: string
  json: string
}

/** What Evidently found, without a verdict. */
export interface DriftReport {
  columns: DriftColumn[]
  performance: Performance | null
  /** Null when no column could be judged, so that there is nothing to show. */
  reports: ReportPaths | null
  /** Judged rows of the window. */
  rows: number
  warnings: string[]
}
