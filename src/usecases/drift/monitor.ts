import type {
  DriftColumn,
  DriftLimits,
  Performance,
  ReportPaths,
  Verdict,
} from '../../domain/drift/drift-report.js'
import { simulatedDrift } from '../../domain/drift/drift-simulation.js'
import { type DriftVerdict, judgeDrift, tooFewRows } from '../../domain/drift/drift-verdict.js'
import { decideRetraining, type RetrainDecision } from '../../domain/drift/retrain-policy.js'
import type { OnProgress } from '../../domain/progress.js'
import { requireChampion } from '../../domain/registry/champion.js'
import { endpointUrl } from '../../domain/serving/endpoint.js'
import { fitOf, requireFit, storedPart, unseenValues, unusedColumns } from '../../domain/serving/model-fit.js'
import type { Scored } from '../../domain/serving/prediction.js'
import type { StoreAddress } from '../../domain/store-address.js'
import { tableName, type Validation } from '../../domain/table/dataset.js'
import { requireJudgeable } from '../../domain/table/judgeable-table.js'
import type { TableSchema } from '../../domain/table/schema.js'
import type { DrawnWindow, DriftDetector } from '../ports/drift.js'
import type { Registry } from '../ports/registry.js'
import type { Scorer } from '../ports/serving.js'
import { followUp, type Retrained, type RetrainedCandidates, type RetrainedChampion } from './retrain.js'

/** What a monitoring run is asked to do. */
export interface MonitorRequest {
  store: StoreAddress
  schema: TableSchema
  /** A table to draw the window from; null for the champion's held-out rows. */
  data: string | null
  url: string
  sample: number
  seed: number
  simulateDrift: boolean
  limits: DriftLimits
  retrain: boolean
  /** Invalid rows of `data` that are left out before the run refuses. */
  maxInvalid: number
  /** Folder for the reports of a version. */
  reportFolder(version: string): string
  /** File for the table of a retraining from a version. */
  retrainingPath(version: string): string
}

export interface MonitorServices {
  registry: Registry
  detector: DriftDetector
  scorer: Scorer
  /** Validates a table whose target may be missing. */
  validate(path: string): Promise<Validation>
  /** Trains on a table; use-cases know each other only as parameters. */
  train(path: string): Promise<RetrainedCandidates>
  promote(): Promise<RetrainedChampion>
  onProgress: OnProgress
}

export interface MonitorResult {
  verdict: Verdict
  version: string
  columns: DriftColumn[]
  driftedShare: number | null
  driftedCount: number
  performance: Performance | null
  reports: ReportPaths | null
  decision: RetrainDecision
  retrained: Retrained | null
  window: { rows: number; source: string; labelled: boolean; simulated: boolean }
  limits: DriftLimits
  warnings: string[]
}

// A request of the size that the endpoint answers in a tenth of a second.
const BATCH_ROWS = 1_000

/**
 * Asks the live model about a window of rows, has Evidently compare it with what the model learned from, and decides.
 *
 * @throws ChurnOpsError `USAGE`, `DATA_INVALID`, `NO_CHAMPION`, `SCHEMA_MISMATCH`, `ENDPOINT_UNREACHABLE` and what its services throw; a run
 * that fails leaves no report.
 */
export async function monitor(request: MonitorRequest, services: MonitorServices): Promise<MonitorResult> {
  const { detector, scorer, onProgress } = services
  const { store, limits } = request
  const url = endpointUrl(request.url)
  const changes = request.simulateDrift ? simulatedDrift(request.schema) : []
  const reading = services.registry.versions(store, true)
  // Python starts while Node reads the table; what is wrong with the table is told first.
  reading.catch(() => undefined)
  const validation = request.data === null ? null : await services.validate(request.data)
  if (validation !== null) requireJudgeable(validation, request.maxInvalid)
  const { version } = requireChampion(await reading, store.model)
  const known = await services.registry.columns(store, version)
  const fit = fitOf(known, request.schema)
  requireFit(fit, version, 'Nothing was judged.')
  const schema = storedPart(request.schema, known)
  await scorer.check(url)

  const window = await detector.window(
    {
      store,
      version,
      schema,
      source: sourceOf(validation),
      sample: request.sample,
      seed: request.seed,
      changes,
    },
    onProgress,
  )
  const facts = {
    version,
    window: {
      rows: window.rows.length,
      source: validation === null ? 'held-out' : tableName(validation.dataset),
      labelled: window.labelled,
      simulated: request.simulateDrift,
    },
    limits,
    retrained: null,
  }
  const unseen = unseenValues(known, version, window.columns)
  unseen.look(window.rows)
  const warnings = [
    ...(validation?.notes ?? []),
    ...leftOut(validation),
    ...(await otherVersion(url, version, scorer)),
    ...unusedColumns(fit, version),
  ]
  const tooFew = tooFewRows(window.rows.length)
  if (tooFew !== null) {
    return {
      ...facts,
      ...conclusion(tooFew, window),
      performance: null,
      reports: null,
      // Judging tells of them itself.
      warnings: [...warnings, ...unseen.warnings()],
    }
  }

  detector.warm()
  const answers = await ask(url, window, scorer, onProgress)
  const reportFolder = request.reportFolder(version)
  const report = await detector.measure(
    { store, version, schema, windowId: window.windowId, answers, limits, reportFolder },
    onProgress,
  )
  const found: MonitorResult = {
    ...facts,
    ...conclusion(judgeDrift(report.columns, limits), window),
    performance: report.performance,
    reports: report.reports,
    warnings: [...warnings, ...report.warnings],
  }
  return followUp(
    found,
    {
      table: { store, version, schema, windowId: window.windowId, path: request.retrainingPath(version) },
      fit,
      asked: request.retrain,
    },
    services,
  )
}

function sourceOf(validation: Validation | null): Parameters<DriftDetector['window']>[0]['source'] {
  if (validation === null) return { kind: 'held-out' }
  return { kind: 'file', dataset: validation.dataset, invalidRecords: validation.invalidRecords }
}

function leftOut(validation: Validation | null): string[] {
  if (validation === null || validation.invalid === 0) return []
  return [`${validation.invalid} invalid rows were dropped (${validation.quarantine ?? 'not kept'}).`]
}

// The reference belongs to the champion; answers of another version would be compared with a stranger's.
async function otherVersion(url: string, champion: string, scorer: Scorer): Promise<string[]> {
  const answering = await scorer.version(url)
  if (answering === null || answering === champion) return []
  return [
    `The endpoint serves version ${answering}, but version ${champion} is in production; a \`churn-ops serve\` without \`--pin\` changes within seconds.`,
  ]
}

async function ask(
  url: string,
  window: DrawnWindow,
  scorer: Scorer,
  onProgress: OnProgress,
): Promise<Scored[]> {
  const answers: Scored[] = []
  for (let start = 0; start < window.rows.length; start += BATCH_ROWS) {
    onProgress({
      phase: 'score',
      done: start,
      total: window.rows.length,
      text: 'rows answered by the endpoint',
    })
    answers.push(
      ...(await scorer.score(url, window.rows.slice(start, start + BATCH_ROWS), window.columns, 'monitor')),
    )
  }
  onProgress({
    phase: 'score',
    done: answers.length,
    total: answers.length,
    text: 'rows answered by the endpoint',
  })
  return answers
}

function conclusion(
  judged: DriftVerdict,
  { labelled, sameData }: DrawnWindow,
): Pick<MonitorResult, 'verdict' | 'columns' | 'driftedCount' | 'driftedShare' | 'decision'> {
  const { verdict, columns, reason, driftedCount, driftedShare } = judged
  return {
    verdict,
    driftedCount,
    driftedShare,
    decision: decideRetraining({ verdict, reason, labelled, sameData }),
    columns,
  }
}
