import type { OnProgress } from '../../domain/progress.js'
import type { KnownColumn } from '../../domain/serving/model-fit.js'
import type { Prediction, RawValue, Scored } from '../../domain/serving/prediction.js'
import type { StoreAddress } from '../../domain/store-address.js'

/** The live endpoint. */
export interface Scorer {
  /** Fails within seconds when nothing answers at `url`. */
  check(url: string): Promise<void>
  /** Scores rows in order; `columns` names the values of each, `source` says in the request log who asks. */
  score(
    url: string,
    rows: readonly (readonly RawValue[])[],
    columns: readonly string[],
    source?: 'predict' | 'monitor',
  ): Promise<Scored[]>
  /** The version that answers, as a `serve` of this machine wrote it down or, when it may be asked, as the endpoint tells; null otherwise. */
  version(url: string, mayAsk?: boolean): Promise<string | null>
  /** What that version has learned; null when that is not known. */
  columns(url: string): Promise<KnownColumn[] | null>
}

/** What `serve` wrote down about a server while it runs. */
export interface ServeRecord {
  url: string
  version: string
  model: string
  pid: number
  /** What the version has learned; records of earlier releases do not have it. */
  columns?: KnownColumn[] | undefined
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
  /** Absolute path to call it by, next to which its rejected rows belong. */
  name: string
  kind: 'csv' | 'json'
  /** The whole text, without a byte order mark. */
  text(): Promise<string>
  /** Removes what was made for reading it. */
  dispose(): Promise<void>
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
    /** The version's folder on this disk; null when its files are elsewhere. */
    folder: string | null
    port: number
    onProgress: OnProgress
  }): Promise<RunningServer>
  ui(options: { store: StoreAddress; port: number; onProgress: OnProgress }): Promise<RunningServer>
  /** Stops every server that is starting or running. */
  dispose(): Promise<void>
}

/** Who listens on a port of this machine; null when nobody does. */
export type FindPortHolder = (port: number) => Promise<{ pid: number | null; program: string | null } | null>
