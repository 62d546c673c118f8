import type { GateEvidence } from '../promotion/gate.js'
import type { Stage } from './stage.js'

/** A registered version with the facts that decisions need. */
export interface ModelVersion {
  version: string
  runId: string | null
  stage: Stage
  /** The stage that the last recorded move gave it; null when churn-ops never moved it. */
  recordedStage: Stage | null
  aliases: string[]
  /** F1 on the held-out rows; null means not measured, never zero. */
  f1: number | null
  /** 95 % bootstrap interval of `f1`; null for models of other makers. */
  f1Low: number | null
  f1High: number | null
  /** F1 on out-of-bag predictions of the training rows; null for models of other makers. */
  f1Oof: number | null
  threshold: number | null
  /** ISO 8601, UTC. */
  createdAt: string
  /** Run that groups the search that made this version. */
  parentRunId: string | null
  /** True when the last search that ran to its end had it, made or reused. */
  inLatestSearch: boolean
  /** SHA-256 of the training data, when known. */
  dataSha256: string | null
  /** SHA-256 over the hashes of its files, when it has a manifest. */
  manifestSha256: string | null
  /** Why the version is where it is, as last written. */
  reason: string | null
  /** When it was rolled back, ISO 8601; null when it never was or went live again. */
  rolledBackAt: string | null
  /** The version that this one is a duplicate of, with the same key; null for any other. */
  duplicateOf: string | null
  /** Times of moves that were begun and never finished. */
  unfinished: string[]
  /** Looks at it as a challenger. */
  looks: GateEvidence[]
}
