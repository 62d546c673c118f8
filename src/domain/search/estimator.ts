import type { EstimatorName } from './estimator-name.js'
import type { Grid } from './training.js'

/** What a search of an estimator begins from. */
export interface EstimatorFacts {
  /** First part of the names of its runs. */
  prefix: string
  /** Parameters that stand in a run's name without their own name, in this order. */
  named: readonly string[]
  grid: Grid
  /** The wider space that random search and Optuna draw from. */
  space: Grid
}

const FOREST_SPACE: Grid = {
  n_estimators: [50, 100, 200],
  max_depth: [5, 8, 10, 15, 20, null],
  min_samples_split: [2, 5, 10, 20],
  min_samples_leaf: [1, 2, 5, 10],
  max_features: ['sqrt', 0.3, 0.5],
}

/** The documents' grid of 27 forests, and one of a like size for each other estimator. */
export const ESTIMATORS: Readonly<Record<EstimatorName, EstimatorFacts>> = {
  forest: {
    prefix: 'RF',
    named: ['n_estimators', 'max_depth', 'min_samples_split'],
    grid: { n_estimators: [50, 100, 200], max_depth: [10, 20, null], min_samples_split: [2, 5, 10] },
    space: FOREST_SPACE,
  },
  'extra-trees': {
    prefix: 'ET',
    named: ['n_estimators', 'max_depth', 'min_samples_split'],
    grid: { n_estimators: [50, 100, 200], max_depth: [10, 20, null], min_samples_split: [2, 5, 10] },
    space: FOREST_SPACE,
  },
  'hist-gradient-boosting': {
    prefix: 'HGB',
    named: ['max_iter', 'max_leaf_nodes', 'learning_rate'],
    grid: { max_iter: [100, 200], max_leaf_nodes: [7, 15, 31], learning_rate: [0.03, 0.1] },
    space: {
      max_iter: [50, 100, 200, 300],
      max_leaf_nodes: [5, 7, 15, 31],
      learning_rate: [0.01, 0.03, 0.1, 0.2],
      min_samples_leaf: [10, 20, 50],
      l2_regularization: [0, 1, 10],
    },
  },
  'logistic-regression': {
    prefix: 'LR',
    named: ['C', 'class_weight'],
    grid: { C: [0.01, 0.1, 1, 10], class_weight: [null] },
    space: { C: [0.001, 0.01, 0.1, 1, 10, 100], class_weight: [null, 'balanced'] },
  },
}
