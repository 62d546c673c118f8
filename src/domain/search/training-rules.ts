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
  /** Ends of an interval of 95 %, and how many standard deviations that is. */
  intervalLow: 0.025,
  intervalHigh: 0.975,
  intervalDeviations: 1.959963984540054,
  /** Risk of the one-sided lower end of what a model gains over flagging everybody. */
  gainRisk: 0.05,
  /**
   * Equal rows of different ids are copies when chance explains less than this share of them: it gives a ratio about 1, copied
   * rows one near 0, so the exact limit does not matter.
   */
  copiesByChance: 0.5,
  /** Rows for how often two agree in a column: 200 million pairs, of which one in a million still shows; else all rows. */
  agreementSample: 20_000,
  nearlyConstant: 0.99,
  /** Folds of the rates that stand in for the values of a category when a column alone is looked at. */
  leakFolds: 5,
  /** Steps after which a logistic regression has converged on tables such as these; scikit-learn's 100 are too few. */
  logisticIterations: 2_000,
  /** A column with more values is a text, of which new ones are no news. */
  seenValues: 1_000,
  exampleRows: 5,
} as const
