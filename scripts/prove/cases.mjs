// The forests that the walk is proven on: kinds of trees times seeds.
const KINDS = {
  'forest-deep': { estimator: 'forest', params: { max_depth: null }, blanks: 0 },
  'forest-10': { estimator: 'forest', params: { max_depth: 10, min_samples_split: 5 }, blanks: 0 },
  'forest-blanks': { estimator: 'forest', params: { max_depth: null }, blanks: 0.15 },
  'forest-leaves': { estimator: 'forest', params: { max_leaf_nodes: 60 }, blanks: 0.05 },
  'extra-trees': { estimator: 'extra-trees', params: { max_depth: null }, blanks: 0 },
  'extra-trees-blanks': { estimator: 'extra-trees', params: { max_depth: 10 }, blanks: 0.15 },
}
const SEEDS = [1, 2, 3, 4, 5]

/** Every kind with every seed. */
export function proofCases(trees) {
  return Object.entries(KINDS).flatMap(([kind, { estimator, params, blanks }]) =>
    SEEDS.map((seed) => ({
      name: `${kind}-${seed}`,
      estimator,
      params: { n_estimators: trees, ...params },
      blanks,
      seed,
    })),
  )
}
