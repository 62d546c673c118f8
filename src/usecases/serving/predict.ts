import type { OnProgress } from '../../domain/progress.js'
import { endpointUrl } from '../../domain/serving/endpoint.js'
import {
  fitOf,
  type KnownColumn,
  requireFit,
  unseenValues,
  unusedColumns,
} from '../../domain/serving/model-fit.js'
import type { Prediction } from '../../domain/serving/prediction.js'
import { describeProblem } from '../../domain/table/describe-problem.js'
import { modelColumns, type TableSchema } from '../../domain/table/schema.js'
import { ChurnOpsError } from '../../errors.js'
import type { InputFile, PredictionFile, Scorer } from '../ports/serving.js'
import type { Quarantine } from '../ports/tables.js'
import { type Rejections, readJsonRows } from '../table/read-json-rows.js'
import { type RawCustomer, readRawRows } from '../table/read-raw-rows.js'

/** What `predict` is asked to do. */
export interface PredictRequest {
  /** A path, or `-` for standard input. */
  input: string
  schema: TableSchema
  url: string
  /** Rows of one request. */
  batch: unknown
  /** File for the predictions; null keeps them in the outcome. */
  output: string | null
  /** How many predictions the outcome holds at most. */
  keep: number
}

export interface PredictServices {
  openInput(path: string): Promise<InputFile>
  predictionFile(path: string): Promise<PredictionFile>
  quarantine(): Promise<Quarantine>
  scorer(): Promise<Scorer>
  onProgress: OnProgress
}

/** What came of scoring an input. */
export interface PredictOutcome {
  url: string
  /** The version that answered; null when that is not known. */
  version: string | null
  counts: { rows: number; scored: number; rejected: number; flagged: number }
  predictions: Prediction[]
  /** Absolute path of the written file. */
  output: string | null
  /** Where rejected rows were put. */
  quarantine: string | null
  warnings: string[]
}

const LARGEST_BATCH = 100_000

/**
 * Scores every valid row of a CSV or JSON input through the live endpoint, in order and in batches; the endpoint is first
 * asked when there is something to score.
 *
 * @throws ChurnOpsError `URL_INVALID`, `USAGE`, `ENDPOINT_UNREACHABLE`, `SCHEMA_MISMATCH`, `DATA_…` or `NOT_WRITABLE`; no output is left then.
 */
export async function predict(request: PredictRequest, services: PredictServices): Promise<PredictOutcome> {
  const url = endpointUrl(request.url)
  const size = batchSize(request.batch)
  const input = await services.openInput(request.input)
  const scorer = await services.scorer()
  const predictions: Prediction[] = []
  const counts = { scored: 0, flagged: 0, plain: 0 }
  let waiting: RawCustomer[] = []
  let file: PredictionFile | null = null
  const columns = modelColumns(request.schema).map((column) => column.name)
  const served = await servedBy(url, scorer)
  const fit = fitOf(served.known, request.schema)
  const unseen = unseenValues(served.known, served.version, columns)

  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return
    if (counts.scored === 0) {
      requireFit(fit, served.version, 'Nothing was scored.')
      if (request.output !== null) file = await services.predictionFile(request.output)
      await scorer.check(url)
    }
    const customers = waiting
    waiting = []
    const answers = await scorer.score(
      url,
      customers.map((customer) => customer.values),
      columns,
      'predict',
    )
    unseen.look(customers.map((customer) => customer.values))
    const scored = answers.map((answer, at) => predictionOf(customers[at], answer))
    counts.scored += scored.length
    for (const { label, probability } of scored) {
      counts.flagged += label
      if (probability === null) counts.plain++
    }
    predictions.push(...scored.slice(0, request.keep - predictions.length))
    await file?.write(scored)
    services.onProgress({ phase: 'score', done: 0, total: 0, text: `${counts.scored} rows` })
  }

  try {
    const found = await read(input, request.schema, await services.quarantine(), async (customer) => {
      if (waiting.push(customer) >= size) await flush()
    })
    requireHeader(input, found)
    await flush()
    requireScored(input, found)
    const version = await scorer.version(url)
    return {
      url,
      version,
      counts: { rows: found.rows, scored: counts.scored, rejected: found.invalid, flagged: counts.flagged },
      predictions,
      output: (await (file as PredictionFile | null)?.commit()) ?? null,
      quarantine: found.quarantine,
      warnings: [
        ...(version === null ? [`${url} does not report which version it serves.`] : []),
        ...changedMeanwhile(served.version, version),
        ...unusedColumns(fit, served.version),
        ...unseen.warnings(),
        ...(counts.plain > 0 ? ['The endpoint returns labels without probabilities.'] : []),
        ...found.notes,
        ...rejections(input, found),
      ],
    }
  } catch (error) {
    await (file as PredictionFile | null)?.discard()
    throw error
  } finally {
    await input.dispose()
  }
}

/** What the served version has learned; nothing where that is not known, as at a server of another maker or machine. */
async function servedBy(url: string, scorer: Scorer): Promise<{ version: string; known: KnownColumn[] }> {
  const [version, known] = await Promise.all([scorer.version(url, false), scorer.columns(url)])
  return { version: version ?? '', known: known ?? [] }
}

function changedMeanwhile(first: string, last: string | null): string[] {
  if (first === '' || last === null || first === last) return []
  return [
    `Version ${last} replaced version ${first} in the meantime; version ${first} scored the first rows.`,
  ]
}

async function read(
  input: InputFile,
  schema: TableSchema,
  quarantine: Quarantine,
  onRow: (customer: RawCustomer) => Promise<void>,
): Promise<Rejections> {
  const ports = { quarantine: { open: (_: string, header: string[]) => quarantine.open(input.name, header) } }
  if (input.kind === 'json') {
    return readJsonRows({ path: input.name, text: await input.text(), schema }, ports, onRow)
  }
  const validation = await readRawRows({ path: input.path, schema }, ports, onRow)
  return { ...validation, rows: validation.dataset.rows }
}

function predictionOf(customer: RawCustomer | undefined, answer: Omit<Prediction, 'row' | 'id'>): Prediction {
  return { row: (customer?.ordinal ?? -1) + 1, id: customer?.id ?? null, ...answer }
}

function batchSize(written: unknown): number {
  if (typeof written === 'number' && Number.isInteger(written) && written >= 1 && written <= LARGEST_BATCH) {
    return written
  }
  throw new ChurnOpsError('USAGE', {
    message: '--batch is not a number of rows.',
    hint: `Give a whole number from 1 to ${LARGEST_BATCH}.`,
    details: { batch: String(written) },
  })
}

function requireHeader(input: InputFile, found: Rejections): void {
  if (found.headerValid) return
  throw new ChurnOpsError('DATA_HEADER', {
    message: `${input.name} does not have the columns of the model: ${describeProblem(found.problems[0])} Nothing was scored.`,
    hint: 'Correct the columns; `churn-ops validate --unlabelled` lists every one that does not match.',
    details: { path: input.name, problems: found.problems },
  })
}

function requireScored(input: InputFile, found: Rejections): void {
  if (found.valid > 0) return
  throw new ChurnOpsError('DATA_INVALID', {
    message: `None of the ${found.rows} rows of ${input.name} is valid; the first: ${described(input, found, 0)} Nothing was scored.`,
    hint: `Correct the rows${found.quarantine === null ? '' : ` in ${found.quarantine}`}.`,
    details: { path: input.name, problems: found.problems, quarantine: found.quarantine },
  })
}

function rejections(input: InputFile, found: Rejections): string[] {
  if (found.invalid === 0) return []
  const kept = found.quarantine === null ? '' : `; they are in ${found.quarantine}`
  return [
    `${found.invalid} of ${found.rows} rows were rejected and not sent${kept}.`,
    ...found.problems.map((_, at) => described(input, found, at)),
  ]
}

function described(input: InputFile, { problems }: Rejections, at: number): string {
  const sentence = describeProblem(problems[at])
  // A JSON document has rows, whatever lines they stand on.
  return input.kind === 'json' ? sentence.replace(/^line /, 'row ') : sentence
}
