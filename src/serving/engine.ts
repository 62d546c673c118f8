export type { FeatureValue } from '../domain/serving/prediction.js'
export type { ScoringEngine } from '../usecases/ports/front.js'
