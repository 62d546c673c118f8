import type { LoggedRow } from '../../domain/serving/logged-row.js'
import type { KnownColumn } from '../../domain/serving/model-fit.js'
import type { FeatureValue, Scored } from '../../domain/serving/prediction.js'
import type { StoreAddress } from '../../domain/store-address.js'

/** How a version is wanted to be computed; `auto` takes the compiled forest where it is proven. */
export type EngineChoice = 'auto' | 'compiled' | 'mlflow'

/** What answers for a version. */
export interface ScoringEngine {
  readonly kind: 'compiled' | 'mlflow'
  /** Scores rows in order; each holds the model's columns in the schema's order. */
  score(rows: readonly (readonly FeatureValue[])[]): Promise<readonly Scored[]>
  close(): Promise<void>
}

/** An engine that has just been started, and how it came to be that one. */
export interface StartedEngine {
  engine: ScoringEngine
  /** What its exactness was compared on; null for MLflow's own server. */
  proof: { rows: number; equal: number } | null
  /** Why it is not the compiled forest; null when it is, or was not asked for. */
  reason: string | null
  /** Resolves when it has ended by itself; never for one in this process. */
  ended: Promise<{ lastLines: string[] }>
}

/** A version that is ready to answer. */
export interface ServedVersion extends StartedEngine {
  model: string
  version: string
  /** What the version has learned, sensitive columns too. */
  columns: KnownColumn[]
}

/** Starts MLflow's own server for one version. */
export type StartEngine = (options: {
  store: StoreAddress
  version: string
  /** The version's folder on this disk; null when its files lie elsewhere. */
  folder: string | null
  columns: readonly KnownColumn[]
}) => Promise<Pick<StartedEngine, 'engine' | 'ended'>>

/** Limits of the front; over each of them the answer is an error and never a crash. */
export interface FrontLimits {
  bodyBytes: number
  rows: number
  /** Of one address. */
  requestsPerSecond: number
  /** Requests that are being answered at once. */
  concurrentRequests: number
  /** For a request to arrive whole. */
  receiveMs: number
  /** For its rows to be scored; so long the front and a version that goes wait for requests under way. */
  answerMs: number
}

/** What a front is started with. */
export interface FrontOptions {
  /** Address to listen on. */
  host: string
  /** 0 takes any free port. */
  port: number
  /** Names beside the machine's own that a request may call it by. */
  allowedHosts: readonly string[]
  /** What callers must show; null for none. */
  apiKey: string | null
  limits: FrontLimits
  /** The id column of the table; null when there is none. */
  idColumn: string | null
  packageVersion: string
  first: ServedVersion
  log: RequestLog
  /** Takes lines for the operator. */
  say(line: string): void
}

/** The HTTP front; it answers by one version at a time. */
export interface Front {
  url: string
  /** Puts a version in the place of the one that answers; resolves when the old one is closed. */
  swap(next: ServedVersion): Promise<void>
  /** Says in `/health` why what is served is not what should be; null when it is. */
  note(reason: string | null): void
  /** Answers what has arrived, then closes itself and the version. */
  close(): Promise<void>
}

/** The log of scored rows; nothing about it delays or fails an answer. */
export interface RequestLog {
  append(rows: readonly LoggedRow[]): void
  state(): { ok: boolean; reason: string | null; written: number; dropped: number }
  /** Writes what is still held. */
  close(): Promise<void>
}

/** Told that the live version may be another one; false when that could not be found out, and it is to be told again. */
export type OnMaybeMoved = () => Promise<boolean>

/** Tells that the live version may be another one, whoever moved the alias. */
export interface ChampionWatch {
  /** Remembers how the store looks now; the work that it gives calls back for each later change, one call at a time, until the signal aborts. */
  begin(store: StoreAddress): Promise<(onMaybeMoved: OnMaybeMoved, signal: AbortSignal) => Promise<void>>
}
