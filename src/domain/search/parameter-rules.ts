import type { EstimatorName } from './estimator-name.js'
import type { ParameterValue } from './training.js'

/** What a hyper-parameter may be. */
export interface ParameterRule {
  accepts(value: ParameterValue): boolean
  /** The same in words. */
  words: string
}

type Rules = ReadonlyMap<string, ParameterRule>

const MAX_INTEGER = 2_147_483_647

const isInteger = (value: ParameterValue, minimum: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= MAX_INTEGER
const isShare = (value: ParameterValue): boolean => typeof value === 'number' && value > 0 && value < 1

const integer = (minimum: number): ParameterRule => ({
  accepts: (value) => isInteger(value, minimum),
  words: `whole numbers from ${minimum}`,
})
const integerOrNone = (minimum: number): ParameterRule => ({
  accepts: (value) => value === null || isInteger(value, minimum),
  words: `whole numbers from ${minimum}, or none`,
})
const integerOrShare = (minimum: number): ParameterRule => ({
  accepts: (value) => isInteger(value, minimum) || isShare(value),
  words: `whole numbers from ${minimum}, or shares between 0 and 1`,
})
const oneOf = (...values: ParameterValue[]): ParameterRule => ({
  accepts: (value) => values.includes(value),
  words: values.map(writeValue).join(', '),
})
const atLeastZero: ParameterRule = {
  accepts: (value) => typeof value === 'number' && value >= 0,
  words: 'numbers from 0',
}
const overZero: ParameterRule = {
  accepts: (value) => typeof value === 'number' && value > 0,
  words: 'numbers over 0',
}
const fromZeroTo = (maximum: number): ParameterRule => ({
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= maximum,
  words: `numbers from 0 to ${maximum}`,
})

// bootstrap, random_state and n_jobs are not here: out-of-bag rows, --seed and reproducible models depend on them.
const FOREST: Rules = new Map([
  ['n_estimators', integer(1)],
  ['max_depth', integerOrNone(1)],
  ['min_samples_split', integerOrShare(2)],
  ['min_samples_leaf', integerOrShare(1)],
  ['max_leaf_nodes', integerOrNone(2)],
  ['min_impurity_decrease', atLeastZero],
  ['min_weight_fraction_leaf', fromZeroTo(0.5)],
  ['ccp_alpha', atLeastZero],
  ['criterion', oneOf('gini', 'entropy', 'log_loss')],
  ['class_weight', oneOf(null, 'balanced', 'balanced_subsample')],
  [
    'max_features',
    {
      accepts: (value) =>
        value === null || value === 'sqrt' || value === 'log2' || isInteger(value, 1) || isShare(value),
      words: 'sqrt, log2, none, whole numbers from 1, or shares between 0 and 1',
    },
  ],
  [
    'max_samples',
    {
      accepts: (value) => value === null || isInteger(value, 1) || isShare(value),
      words: 'none, whole numbers from 1, or shares between 0 and 1',
    },
  ],
])

const BOOSTING: Rules = new Map([
  ['learning_rate', overZero],
  ['max_iter', integer(1)],
  ['max_leaf_nodes', integerOrNone(2)],
  ['max_depth', integerOrNone(1)],
  ['min_samples_leaf', integer(1)],
  ['l2_regularization', atLeastZero],
  [
    'max_bins',
    { accepts: (value) => isInteger(value, 2) && Number(value) <= 255, words: 'whole numbers from 2 to 255' },
  ],
  ['max_features', { accepts: isShare, words: 'shares between 0 and 1' }],
  ['class_weight', oneOf(null, 'balanced')],
])

const LOGISTIC: Rules = new Map([
  ['C', overZero],
  ['l1_ratio', fromZeroTo(1)],
  ['class_weight', oneOf(null, 'balanced')],
  ['fit_intercept', oneOf(true, false)],
  ['solver', oneOf('lbfgs', 'liblinear', 'newton-cg', 'newton-cholesky', 'sag', 'saga')],
  ['max_iter', integer(1)],
  ['tol', overZero],
])

/** Hyper-parameters that a search may move, by estimator. */
export const PARAMETER_RULES: Readonly<Record<EstimatorName, Rules>> = {
  forest: FOREST,
  'extra-trees': FOREST,
  'hist-gradient-boosting': BOOSTING,
  'logistic-regression': LOGISTIC,
}

/** A value as a person writes it: null is none. */
export function writeValue(value: ParameterValue): string {
  return value === null ? 'none' : String(value)
}
