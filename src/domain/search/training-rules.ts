/** What every training goes by and no setting changes; a change makes other versions of the same table. */
export const TRAINING_RULES = {
  /** Share of the rows that a split puts aside for testing, and how far ties may move it in a split by time. */
  testShare: 0.2,
  leastTestShare: 0.15,
  mostTestShare: 0.25,
  /** Fewer valid rows are not trained on. */
  minimumRows: 10,
  /** Folds that take over where out-of-bag rows do not serve. */
  folds: 5,
  /**
   * With fewer votes a row they are those of a forest much smaller than the candidate, whose probabilities spread wider: a
   * threshold chosen on them for a tenth of the customers flags about half as many. 50 trees give 18.4 votes.
   */
  minimumVotes: 18,
  /** Share of the rows that must have a vote. */
  minimumCoverage: 0.99,
  /** A column alone with more area under its ROC curve knows the answer: refused, or warned about. */
  leakRefused: 0.99,
  leakWarned: 0.9,
  /** Samples of the bootstrap behind the intervals of a candidate. */
  bootstrapDraws: 2_000,
  /** With fewer churned customers an interval of F1 is of Wilson's type. */
  fewChurners: 30,
  /** Share of the customers behind `precision_top` and `lift_top`. */
  topShare: 0.1,
} as const
