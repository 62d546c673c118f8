import type { CompiledForest, ForestRequest } from '../../contract/serving.js'
import type { OnProgress } from '../../domain/progress.js'
import type { KnownColumn } from '../../domain/serving/model-fit.js'
import type { ScoringEngine } from './front.js'

/** How many rows of how many the walk answered as scikit-learn does, to the last bit. */
export interface ForestProof {
  rows: number
  equal: number
}

/** A forest that may answer for a version, or why it may not. */
export type ProvenForest =
  | { engine: ScoringEngine; proof: ForestProof; columns: KnownColumn[] }
  | { reason: string }

/** Writes the files of a version's forest. */
export interface ForestCompiler {
  compile(request: ForestRequest, onProgress: OnProgress): Promise<CompiledForest>
}

/** A compiled forest that is not kept yet; it lies in a folder of its own, with customers' rows in it. */
export interface ForestDraft {
  folder: string
  /** Compares every answer, and keeps the forest with its proof, or the reason against it, in the place of what was kept. */
  prove(columns: KnownColumn[], onProgress: OnProgress): Promise<ProvenForest>
  /** Keeps why there is no forest. */
  refuse(reason: string): Promise<void>
  /** Removes what is left of the draft. */
  discard(): Promise<void>
}

/** One ES module without any import, and its types. */
export interface ForestModule {
  code: string
  types: string
}

/** Proven forests in the state folder, each by the hash of the version's files. */
export interface CompiledForests {
  /**
   * Reads what is kept of a version and asks it its golden rows again.
   *
   * @returns null when nothing is kept; `unfit` when what is kept was changed, cut short or answers otherwise now
   */
  kept(manifestSha256: string): Promise<ProvenForest | { unfit: string } | null>
  draft(manifestSha256: string): Promise<ForestDraft>
  /** Writes a kept and proven forest as the text of an ES module. */
  module(
    manifestSha256: string,
    about: { model: string; version: string; proof: ForestProof },
  ): Promise<ForestModule>
}
