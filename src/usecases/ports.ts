import type { Dataset, Problem } from '../domain/dataset.js'
import type { DriftLimits, DriftReport } from '../domain/drift-report.js'
import type { ColumnChange } from '../domain/drift-simulation.js'
import type { JournalEntry } from '../domain/journal-entry.js'
import type { ModelVersion } from '../domain/model-version.js'
import type { PromotionMove } from '../domain/promotion-policy.js'
import type { TableSchema } from '../domain/schema.js'
import type { Candidate, CandidatePlan } from '../domain/training.js'
import type { ErrorCode } from '../errors.js'

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

export interface TrainingRequest {
  store: StoreAddress
  experiment: string
  dataset: Dataset
  /** Records of the file that Python must leave out: Node's verdict on rows is law. */
  invalidRecords: number[]
  schema: TableSchema
  candidates: CandidatePlan[]
  seed: number
  splitSeed: number
  force: boolean
  waitSeconds: number
  packageVersion: string
  lockSha256: string
}

export interface TrainingOutcome {
  split: { trainRows: number; testRows: number; splitSeed: number }
  candidates: Candidate[]
  /** MLflow id of the parent run. */
  parentRunId: string
  experimentId: string
  /** Seconds by phase, in the order in which they began. */
  phases: Record<string, number>
  warnings: string[]
}

/** Fits, measures, logs and registers the candidates of a search. */
export interface Trainer {
  /** Starts Python and its imports while the caller does other work. */
  warm(): void
  train(request: TrainingRequest, onProgress: OnProgress): Promise<TrainingOutcome>
}

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
}

/** The model registry. */
export interface Registry {
  versions(store: StoreAddress): Promise<ModelVersion[]>
  /** Writes alias, stages and tags; returns how many writes were needed. */
  apply(request: ApplyRequest, onProgress: OnProgress): Promise<{ changed: number; journal: JournalEntry[] }>
  /** Every move that the versions' tags tell of, the oldest first. */
  journal(store: StoreAddress): Promise<JournalEntry[]>
}

/** The readable journal of moves, kept outside MLflow. */
export interface Journal {
  append(entries: JournalEntry[]): Promise<void>
  read(): Promise<JournalEntry[]>
}

export type RawValue = string | number | boolean | null
/** A raw customer, column by column, as the served model takes it. */
export type RawRow = Record<string, RawValue>

/** One answer of the endpoint; probability and threshold are null when it tells labels only. */
export interface Scored {
  label: number
  probability: number | null
  threshold: number | null
}

/** The live endpoint. */
export interface Scorer {
  /** Fails within seconds when nothing answers at `url`. */
  check(url: string): Promise<void>
  /** Scores rows in order. */
  score(url: string, rows: RawRow[], columns: string[]): Promise<Scored[]>
  /** The version that answers, when a `serve` of this machine wrote it down; null otherwise. */
  version(url: string): Promise<string | null>
}

/** What `serve` wrote down about a server while it runs. */
export interface ServeRecord {
  url: string
  version: string
  model: string
  pid: number
  /** ISO 8601, UTC. */
  startedAt: string
}

/** Which version answers at which local URL; MLflow's scoring server does not tell. */
export interface ServeRecords {
  write(record: ServeRecord): Promise<void>
  /** The record of a living server at this URL, or null. */
  find(url: string): Promise<ServeRecord | null>
  /** Removes what this process wrote. */
  dispose(): Promise<void>
}

/** A table to be scored; it can be read more than once. */
export interface InputFile {
  /** Absolute path to read from. */
  path: string
  /** Absolute path to call it by, beside which its rejected rows belong. */
  name: string
  kind: 'csv' | 'json'
  /** The whole text, without a byte order mark. */
  text(): Promise<string>
  /** Removes what was made for reading it. */
  dispose(): Promise<void>
}

/** One scored row of an input. */
export interface Prediction extends Scored {
  /** 1-based ordinal among all data rows of the input, rejected ones included. */
  row: number
  id: string | null
}

/** A CSV of predictions that appears whole or not at all. */
export interface PredictionFile {
  write(predictions: readonly Prediction[]): Promise<void>
  /** Puts the file in its place; its absolute path. */
  commit(): Promise<string>
  /** Removes what was written so far. */
  discard(): Promise<void>
}

export interface RunningServer {
  url: string
  pid: number
  /** Resolves when the server has ended by itself. */
  ended: Promise<{ lastLines: string[] }>
  stop(): Promise<void>
}

/** MLflow's own servers as child processes tied to our life. */
export interface ModelServer {
  /** Port 0 takes any free one. */
  serve(options: {
    store: StoreAddress
    version: string
    port: number
    onProgress: OnProgress
  }): Promise<RunningServer>
  ui(options: { store: StoreAddress; port: number; onProgress: OnProgress }): Promise<RunningServer>
  /** Stops every server that is starting or running. */
  dispose(): Promise<void>
}

/** Who listens on a port of this machine; null when nobody does. */
export type FindPortHolder = (port: number) => Promise<{ pid: number | null; program: string | null } | null>

/** Where the window of a monitoring run comes from. */
export type WindowSource =
  | { kind: 'held-out' }
  | { kind: 'file'; dataset: Dataset; invalidRecords: number[] }

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
  retrainingTable(request: { windowId: string; path: string }): Promise<{ path: string; rows: number; newRows: number }>
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
  store(): Promise<{ check: Check; exists: boolean }>
  port(port: number): Promise<Check>
}
