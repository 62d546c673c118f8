/** What a report of drift tells besides the scores. */
export const DRIFT_RULES = {
  /** More blanks than the reference had, as a share of the rows, are told. */
  toldBlankShare: 0.1,
  /** Values that the reference never had, of a column, that are told. */
  toldNewValues: 3,
} as const
