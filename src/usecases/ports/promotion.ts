import type { OnProgress } from '../../domain/progress.js'
import type { PairedComparison } from '../../domain/promotion/gate.js'
import type { GateMetric } from '../../domain/promotion/policy.js'
import type { SkillFacts } from '../../domain/promotion/skill.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { Dataset } from '../../domain/table/dataset.js'
import type { TableSchema } from '../../domain/table/schema.js'

/** Labelled rows of a file that was checked. */
export interface FreshRows {
  dataset: Dataset
  invalidRecords: number[]
  schema: TableSchema
}

/** Two versions to compare. */
export interface ComparePair {
  baseline: string
  candidate: string
  /** Stored held-out predictions, or the fresh rows of the request. */
  rows: 'held-out' | 'file'
  /** Only rows that the baseline has never met. */
  newerOnly: boolean
  /** Bootstrap samples. */
  draws: number
  /** Whether the whole request fails when this pair cannot be compared. */
  required: boolean
}

export interface CompareRequest {
  store: StoreAddress
  pairs: ComparePair[]
  fresh: FreshRows | null
  metric: GateMetric
  seed: number
  confidence: number
}

/** What comparing a pair gave. */
export type Compared = PairedComparison | { problem: string }

export interface SkillRequest {
  store: StoreAddress
  version: string
  fresh: FreshRows | null
  draws: number
  seed: number
}

export interface RetestRequest {
  store: StoreAddress
  versions: string[]
  champion: string | null
  fresh: FreshRows
  metric: GateMetric
  draws: number
  seed: number
  confidence: number
}

/** One version on fresh rows. */
export type Retested =
  | { version: string; problem: string }
  | {
      version: string
      rows: number
      churners: number
      /** Rows that it trained on. */
      dropped: number
      score: number | null
      /** 95 % bootstrap interval. */
      interval: [number, number] | null
      againstChampion: PairedComparison['comparison']
    }

/** Computations on stored and fresh predictions; they change nothing. */
export interface Comparer {
  /** Compares pairs of versions on rows that neither trained on, one answer a pair. */
  compare(request: CompareRequest, onProgress: OnProgress): Promise<Compared[]>
  retest(request: RetestRequest, onProgress: OnProgress): Promise<Retested[]>
  /** Judges one version by itself, on stored held-out rows or on fresh ones that it did not train on. */
  skill(request: SkillRequest, onProgress: OnProgress): Promise<SkillFacts | { problem: string }>
  /** Loads a version and has it answer its stored rows again. */
  check(
    request: { store: StoreAddress; version: string; columns: string[]; allowPickle: string | null },
    onProgress: OnProgress,
  ): Promise<{ goldenRows: number; notes: string[] }>
}

/** Tells people of a move; a notice that fails blocks nothing. */
export interface Notifier {
  /** Sends to every address of the settings; returns what went wrong, without any address. */
  send(title: string, text: string): Promise<string[]>
}
