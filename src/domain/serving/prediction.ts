/** A value of a row as an engine takes it. */
export type FeatureValue = string | number | null

export type RawValue = string | number | boolean | null
/** A raw customer as the served model takes it: values in the order of the columns that stand next to the rows. */
export type RawRow = RawValue[]

/** One answer of the endpoint; probability and threshold are null when it tells labels only. */
export interface Scored {
  label: number
  probability: number | null
  threshold: number | null
}

/** One scored row of an input. */
export interface Prediction extends Scored {
  /** 1-based ordinal among all data rows of the input, rejected ones included. */
  row: number
  id: string | null
}
