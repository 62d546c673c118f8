import type { KnownColumn } from '../../src/domain/serving/model-fit.js'

/** Two numbers and a category, one of them optional. */
export const COLUMNS: KnownColumn[] = [
  { name: 'tenure', kind: 'number', integer: true, sensitive: false, required: true, values: null },
  { name: 'charges', kind: 'number', integer: false, sensitive: false, required: false, values: null },
  { name: 'contract', kind: 'category', sensitive: false, required: true, values: ['month', 'year'] },
]
