/** The estimators that may compete; each is a class of scikit-learn. */
export const ESTIMATOR_NAMES = [
  'forest',
  'extra-trees',
  'hist-gradient-boosting',
  'logistic-regression',
] as const

export type EstimatorName = (typeof ESTIMATOR_NAMES)[number]
