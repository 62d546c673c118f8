import { ESTIMATORS } from './estimator.js'
import type { EstimatorName } from './estimator-name.js'
import { candidateName, expandGrid } from './grid.js'
import type { CandidatePlan, Grid } from './training.js'

export const SEARCH_KINDS = ['grid', 'random', 'optuna'] as const

export type SearchKind = (typeof SEARCH_KINDS)[number]

/** The values of one estimator that a search may take. */
export interface SearchSpace {
  estimator: EstimatorName
  /** First part of the names of its runs. */
  prefix: string
  grid: Grid
}

/** A search as data: scikit-learn and Optuna carry it out. */
export interface SearchPlan {
  kind: SearchKind
  /** Candidates by estimator, for `random` and `optuna`. */
  iterations: number
  /** Folds of cross-validation; null takes out-of-bag rows where an estimator has them. */
  folds: number | null
  spaces: SearchSpace[]
}

export const DEFAULT_ITERATIONS = 20

/** The candidates of a grid search; empty for a search that draws its own. */
export function plannedCandidates({ kind, spaces }: SearchPlan): CandidatePlan[] {
  if (kind !== 'grid') return []
  return spaces.flatMap(({ estimator, grid }) =>
    expandGrid(grid, estimator).map((params) => ({
      name: candidateName(params, estimator),
      estimator,
      params,
    })),
  )
}

/** The space that a search of an estimator begins from: its grid, or the wider one for a search that draws. */
export function defaultSpace(estimator: EstimatorName, kind: SearchKind): Grid {
  return kind === 'grid' ? ESTIMATORS[estimator].grid : ESTIMATORS[estimator].space
}
