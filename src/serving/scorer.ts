import { z } from 'zod'
import { endpointAnswer, endpointUnreachable } from '../domain/serving/endpoint.js'
import type { Scored } from '../domain/serving/prediction.js'
import { get, postJson } from '../http/client.js'
import type { Scorer, ServeRecords } from '../usecases/ports/serving.js'

const CHECK_TIMEOUT_MS = 5_000
// One batch; a thousand rows take a tenth of a second on a small machine.
const SCORE_TIMEOUT_MS = 60_000

const label = z.union([z.literal(0), z.literal(1)])
const detailed = z.object({
  label,
  probability: z.number().min(0).max(1),
  threshold: z.number().min(0).max(1),
})
// A model of another maker knows no `detail` and answers plain labels.
const plain = label.transform((value): Scored => ({ label: value, probability: null, threshold: null }))
const servedVersion = z.object({ model: z.string(), version: z.string(), engine: z.string() })
const answer = z.object({ predictions: z.union([z.array(detailed), z.array(plain)]) })

/** The live endpoint: MLflow's scoring protocol over HTTP. */
export function createScorer(
  records?: Pick<ServeRecords, 'find'>,
  apiKey = process.env.CHURN_OPS_API_KEY || null,
): Scorer {
  const key = apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }
  return {
    check,
    score: (url, rows, columns, source) =>
      score(url, rows, columns, {
        ...key,
        ...(source === undefined ? {} : { 'x-churn-ops-source': source }),
      }),
    version: async (url, mayAsk = true) =>
      (await records?.find(url))?.version ?? (mayAsk ? toldVersion(url, key) : null),
    columns: async (url) => (await records?.find(url))?.columns ?? null,
  }
}

/** @throws ChurnOpsError `ENDPOINT_UNREACHABLE` when nothing answers within 5 s; any status is an answer. */
async function check(url: string): Promise<void> {
  const outcome = await get(`${url}/ping`, { timeoutMs: CHECK_TIMEOUT_MS })
  if (outcome.kind === 'failure') throw endpointUnreachable(url, outcome.reason)
}

/**
 * @throws ChurnOpsError `ENDPOINT_REFUSED` when the rows are at fault, `ENDPOINT_UNREACHABLE` for no answer, another status
 * than 200, or another shape.
 */
async function score(
  url: string,
  rows: Parameters<Scorer['score']>[1],
  columns: readonly string[],
  headers: Record<string, string>,
): Promise<Scored[]> {
  if (rows.length === 0) return []
  const body = {
    dataframe_split: { columns, data: rows },
    params: { detail: true },
  }
  const outcome = await postJson(`${url}/invocations`, body, { timeoutMs: SCORE_TIMEOUT_MS, headers })
  if (outcome.kind === 'failure') throw endpointUnreachable(url, outcome.reason)
  const { status, text } = outcome
  if (status !== 200) throw endpointAnswer(url, status, 'refused to score', text)
  const parsed = answer.safeParse(jsonOf(text))
  if (!parsed.success) throw endpointAnswer(url, status, 'does not return predictions', text)
  const { predictions } = parsed.data
  if (predictions.length !== rows.length) {
    throw endpointAnswer(
      url,
      status,
      `returned ${predictions.length} predictions for ${rows.length} rows`,
      '',
    )
  }
  return predictions
}

/** What a front of ours tells of itself; bare MLflow tells its own version as text. */
async function toldVersion(url: string, headers: Record<string, string>): Promise<string | null> {
  const outcome = await get(`${url}/version`, { timeoutMs: CHECK_TIMEOUT_MS, headers })
  if (outcome.kind === 'failure' || outcome.status !== 200) return null
  const told = servedVersion.safeParse(jsonOf(outcome.text))
  return told.success ? told.data.version : null
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
