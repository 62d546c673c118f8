import type { ParameterValue } from './training.js'

/** Values to try per hyper-parameter; the search is their product. */
export type Grid = Record<string, ParameterValue[]>
