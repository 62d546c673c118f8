import { DRIFT_RULES } from '../domain/drift/drift-rules.js'
import { CHALLENGER_ALIAS, CHAMPION_ALIAS, PREVIOUS_ALIAS, STAGES } from '../domain/registry/stage.js'
import { STORE_RULES } from '../domain/registry/store-rules.js'
import { EVIDENCE_RULES } from '../domain/search/evidence-rules.js'
import { SEARCH_RANKING } from '../domain/search/search-ranking.js'
import { TRAINING_RULES } from '../domain/search/training-rules.js'

/** Raised when a field of the envelope changes its meaning or goes away; both readers change with it. */
export const PROTOCOL = 1

/** Raised when the files of a compiled forest change their meaning; those of another number are made anew. */
export const FOREST_FORMAT = 1

export const ALIASES = {
  champion: CHAMPION_ALIAS,
  challenger: CHALLENGER_ALIAS,
  previous: PREVIOUS_ALIAS,
} as const

export { DRIFT_RULES, EVIDENCE_RULES, SEARCH_RANKING, STAGES, STORE_RULES, TRAINING_RULES }

/** Tags in MLflow, of versions, runs, experiments and registered models. */
export const TAGS = {
  attempt: 'churnops.attempt',
  bestVersion: 'churnops.best_version',
  calibrated: 'churnops.calibrated',
  dataManifest: 'churnops.data_manifest',
  dataSha256: 'churnops.data_sha256',
  duplicateOf: 'churnops.duplicate_of',
  endedBecause: 'churnops.ended_because',
  estimator: 'churnops.estimator',
  f1: 'churnops.f1_score',
  f1High: 'churnops.f1_score_high',
  f1Low: 'churnops.f1_score_low',
  f1Oof: 'churnops.f1_oof',
  failure: 'churnops.failure',
  gitCommit: 'churnops.git_commit',
  gitDirty: 'churnops.git_dirty',
  heldMethod: 'churnops.held_method',
  key: 'churnops.key',
  knownCustomers: 'churnops.known_customers',
  latestSearch: 'churnops.latest_search',
  lockSha256: 'churnops.lock_sha256',
  manifest: 'churnops.manifest',
  members: 'churnops.members',
  model: 'churnops.model',
  movePrefix: 'churnops.move.',
  owner: 'churnops.owner',
  packageVersion: 'churnops.package_version',
  params: 'churnops.params',
  parentRunId: 'churnops.parent_run_id',
  pruned: 'churnops.pruned',
  reason: 'churnops.reason',
  rolledBack: 'churnops.rolled_back',
  schemaSha256: 'churnops.schema_sha256',
  search: 'churnops.search',
  searchKey: 'churnops.search_key',
  seed: 'churnops.seed',
  split: 'churnops.split',
  splitSeed: 'churnops.split_seed',
  store: 'churnops.store',
  threshold: 'churnops.threshold',
  thresholdRule: 'churnops.threshold_rule',
  training: 'churnops.training',
} as const
