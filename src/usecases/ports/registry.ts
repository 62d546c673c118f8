import type { OnProgress } from '../../domain/progress.js'
import type { GateEvidence } from '../../domain/promotion/gate.js'
import type { PromotionMove } from '../../domain/promotion/promotion-policy.js'
import type { JournalEntry } from '../../domain/registry/journal-entry.js'
import type { ModelVersion } from '../../domain/registry/model-version.js'
import type { KnownColumn } from '../../domain/serving/model-fit.js'
import type { StoreAddress } from '../../domain/store-address.js'

/** A plan to be carried out. */
export interface ApplyRequest {
  store: StoreAddress
  /** Such as `promote` or `rollback`. */
  action: string
  moves: PromotionMove[]
  /** Version that holds the alias when the work is done; null leaves the alias alone. */
  champion: string | null
  /** Version that was live before; null when there was none. */
  previous: string | null
  /** Version that held the alias when the plan was made: a plan made on old facts is refused. */
  holder: string | null
  policy: string
  actor: string
  waitSeconds: number
  /** Rules of the policy, for their hash. */
  policyRules?: object | null
  /** The comparison behind the move or the look. */
  evidence?: GateEvidence | null
  /** A challenger that was looked at and did not win. */
  look?: { version: string; reason: string } | null
  /** Version that gets the alias `challenger`; null takes it away, absent leaves it. */
  challenger?: string | null
  /** Versions that get or lose the mark of a rollback. */
  rolledBack?: { set: string[]; clear: string[] }
  /** `NAME@VERSION` of a version that may go live although loading it runs code. */
  allowPickle?: string | null
}

/** What carrying out a plan came to. */
export interface Applied {
  /** Versions that were written to. */
  changed: number
  journal: JournalEntry[]
  /** What could not be checked of a new champion. */
  notes: string[]
}

/** What a check of a version's files gave. */
export interface VerifiedFiles {
  /** Their folder on this disk; null when they lie elsewhere. */
  folder: string | null
  /** What could not be checked, as sentences. */
  notes: string[]
}

/** The model registry. */
export interface Registry {
  /** Every version; with `toAct` refused for a store whose files are said to lie beside another place of it. */
  versions(store: StoreAddress, toAct?: boolean): Promise<ModelVersion[]>
  /** Checks the files of a new champion, then writes alias, stages and tags. */
  apply(request: ApplyRequest, onProgress: OnProgress): Promise<Applied>
  /** Finishes moves of the champion that were cut off; their entries are `done` or `abandoned`. */
  finish(
    request: { store: StoreAddress; waitSeconds: number },
    onProgress: OnProgress,
  ): Promise<JournalEntry[]>
  /** Checks the files of a version before they are served. */
  verify(
    request: { store: StoreAddress; version: string; allowPickle: string | null },
    onProgress: OnProgress,
  ): Promise<VerifiedFiles>
  /** The columns and values that a version has learned, as far as they are known. */
  columns(store: StoreAddress, version: string): Promise<KnownColumn[]>
  /** Every move that the versions' tags tell of, the oldest first. */
  journal(store: StoreAddress): Promise<JournalEntry[]>
}

/** The readable journal of moves, kept outside MLflow. */
export interface Journal {
  append(entries: JournalEntry[]): Promise<void>
  /** Every readable entry, and the numbers of the lines that are not, from 1. */
  read(): Promise<{ entries: JournalEntry[]; unreadable: number[] }>
}
