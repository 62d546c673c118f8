import type { Dataset, Problem } from '../domain/dataset.js'
import type { DriftLimits, DriftReport } from '../domain/drift-report.js'
import type { ColumnChange } from '../domain/drift-simulation.js'
import type { JournalEntry } from '../domain/journal-entry.js'
import type { KnownColumn } from '../domain/model-fit.js'
import type { ModelVersion } from '../domain/model-version.js'
import type { RawRow, Scored } from '../domain/prediction.js'
import type { TableSchema } from '../domain/schema.js'
import type { ErrorCode } from '../errors.js'
import type { Applied, ApplyRequest } from './ports/registry.js'

/** One step of long work; `total` 0 means that the length is unknown. */
export interface Progress {
  phase: string
  done: number
  total: number
  text: string
}

export type OnProgress = (progress: Progress) => void

/** Where runs, versions and their files lie. */
export interface StoreAddress {
  trackingUri: string
  model: string
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

/** Where the window of a monitoring run comes from. */
export type WindowSource = { kind: 'held-out' } | { kind: 'file'; dataset: Dataset; invalidRecords: number[] }

export interface WindowRequest {
  store: StoreAddress
  version: string
  schema: TableSchema
  source: WindowSource
  sample: number
  seed: number
  /** Alterations of a simulated drift, in order; empty for the rows as they are. */
  changes: ColumnChange[]
}

/** The sampled rows as the endpoint takes them; labels and row keys stay in Python under `windowId`. */
export interface Window {
  windowId: string
  rows: RawRow[]
  /** Names of the values of each row. */
  columns: string[]
  labelled: boolean
  /** True when the window's rows are the rows that the model was trained or held out on. */
  sameData: boolean
}

export interface DriftRequest {
  store: StoreAddress
  version: string
  schema: TableSchema
  windowId: string
  /** One answer a row, in the order of the window. */
  answers: Scored[]
  limits: DriftLimits
  reportFolder: string
}

/** Evidently over the reference and a window of answered rows. */
export interface DriftDetector {
  /** Starts Evidently's imports while the endpoint answers. */
  warm(): void
  window(request: WindowRequest, onProgress: OnProgress): Promise<Window>
  judge(request: DriftRequest, onProgress: OnProgress): Promise<DriftReport>
  /** Writes the training reference plus the labelled window as one CSV for a retraining; returns its path. */
  retrainingTable(request: {
    windowId: string
    path: string
  }): Promise<{ path: string; rows: number; newRows: number }>
}

/** Takes the invalid rows of one input file; nothing is dropped silently. */
export interface QuarantineFile {
  write(row: { fields: string[]; line: number; problems: Problem[] }): void
  /** Finishes the file; its path, or null when nothing was written. */
  close(): Promise<string | null>
  /** Removes what was written so far. */
  discard(): Promise<void>
}

/** Where invalid rows go: beside the input, or into the state folder when that one is read-only. */
export interface Quarantine {
  open(inputPath: string, header: string[]): QuarantineFile
}

/** An interpreter whose packages are those of the lock. */
export interface ReadyEnvironment {
  /** Absolute path of the interpreter. */
  interpreter: string
  /** Folder with `mlflow` and the other scripts. */
  binFolder: string
  /** Such as 3.11.7. */
  pythonVersion: string
  /** The environment's folder; null for the user's own interpreter. */
  folder: string | null
  /** SHA-256 of requirements.txt, hex. */
  lockSha256: string
}

/** One line of `doctor`. */
export interface Check {
  name: string
  ok: boolean
  message: string
  /** The one step that mends it; null when the row is well. */
  cure: string | null
  /** The error code behind a failing row. */
  code: ErrorCode | null
}

/** The Python environment: made on first use, shared by projects with the same lock. */
export interface PythonEnvironments {
  /** Makes the environment when it is not there, under a lock. */
  ensure(onProgress: OnProgress, signal?: AbortSignal): Promise<ReadyEnvironment>
  /** The environment when it is ready, without making it. */
  find(): Promise<ReadyEnvironment | null>
  remove(): Promise<{ removed: string | null }>
  /** Node, Python, environment and packages against the lock; installs nothing. */
  inspect(): Promise<EnvironmentReport>
  /** Runs a script of the environment with our terminal and its folder first on PATH; its exit code. */
  run(
    ready: ReadyEnvironment,
    program: string,
    parameters: readonly string[],
    variables: Record<string, string>,
  ): Promise<number>
  /** Ends the scripts that `run` started. */
  dispose(): Promise<void>
}

/** What `doctor` knows of Python. */
export interface EnvironmentReport {
  ready: ReadyEnvironment | null
  /** The interpreter that is used or would be used; null when none will do. */
  python: { version: string; interpreter: string } | null
  checks: Check[]
}

/** What stands around us: folder, store, port. */
export interface Surroundings {
  folder(): Promise<Check>
  /** The folder for temporary files. */
  temporary(): Promise<Check>
  store(): Promise<{ check: Check; exists: boolean }>
  port(port: number): Promise<Check>
}
