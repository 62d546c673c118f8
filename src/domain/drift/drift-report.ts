export type Verdict = 'healthy' | 'drift' | 'not-enough-data'

/** How far a column lies from the reference; the prediction is one of them, named `prediction`. */
export interface ColumnScore {
  name: string
  method: string
  /** Null when the column could not be compared. */
  score: number | null
}

/** A column that was judged by a limit. */
export interface DriftColumn extends ColumnScore {
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
  /** A column has drifted from this score on. */
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

/** What Evidently found: scores, and no verdict. */
export interface DriftReport {
  columns: ColumnScore[]
  performance: Performance | null
  /** Null when no column could be judged, so that there is nothing to show. */
  reports: ReportPaths | null
  /** Judged rows of the window. */
  rows: number
  warnings: string[]
}
