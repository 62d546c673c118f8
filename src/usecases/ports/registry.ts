import type { Applied, ApplyRequest, GoldenAnswers, VerifiedFiles } from '../../contract/registry.js'
import type { OnProgress } from '../../domain/progress.js'
import type { JournalEntry } from '../../domain/registry/journal-entry.js'
import type { ModelVersion } from '../../domain/registry/model-version.js'
import type { KnownColumn } from '../../domain/serving/model-fit.js'
import type { StoreAddress } from '../../domain/store-address.js'

/** The model registry. */
export interface Registry {
  /** Every version; with `toAct` refused for a store whose files are recorded next to another location of it. */
  versions(store: StoreAddress, toAct?: boolean): Promise<ModelVersion[]>
  /** Checks the files of a new champion, then writes alias, stages and tags. */
  apply(request: ApplyRequest, onProgress: OnProgress): Promise<Applied>
  /** Finishes moves of the champion that were interrupted; their entries are `done` or `abandoned`. */
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
  /** Held-out rows of a version with the answers that it gave when it was trained. */
  golden(store: StoreAddress, version: string): Promise<GoldenAnswers>
  /** Every move that the versions' tags tell of, the oldest first. */
  journal(store: StoreAddress): Promise<JournalEntry[]>
}

/** The readable journal of moves, kept outside MLflow. */
export interface Journal {
  append(entries: JournalEntry[]): Promise<void>
  /** Every readable entry, and the numbers of the lines that are not, from 1. */
  read(): Promise<{ entries: JournalEntry[]; unreadable: number[] }>
}
