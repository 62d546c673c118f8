import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { DetailedAnswer } from '../../domain/serving/answer.js'
import { inferenceAnswer, readInference } from '../../domain/serving/inference-protocol.js'
import { type Invocation, readInvocation } from '../../domain/serving/invocation.js'
import { parseStrictJson } from '../../domain/serving/strict-json.js'
import type { FrontLimits } from '../../usecases/ports/front.js'
import type { ActiveVersion, VersionSlot } from './active-version.js'
import { readCsvRows } from './csv-rows.js'
import type { LogFeeder } from './log-feeder.js'
import type { FrontMetrics } from './metrics.js'
import { RequestFault, rowFault, unavailable } from './request-fault.js'
import { type ScoredRows, scoreRows, sourceOf } from './score-rows.js'

// A loop that is this late cannot keep its promises to those it has let in.
const LATE_LOOP_MS = 2_000

/** What the scoring routes need. */
export interface ScoringRoutes {
  limits: FrontLimits
  metrics: FrontMetrics
  feeder: LogFeeder
  slot: VersionSlot
  idColumn: string | null
}

/** The routes that score, behind limits on rate and load. */
export async function scoringRoutes(app: FastifyInstance, services: ScoringRoutes): Promise<void> {
  const { limits, metrics, slot } = services
  await app.register(rateLimit, {
    max: limits.requestsPerSecond,
    timeWindow: 1000,
    // Nobody but one who is refused needs to know how many are left.
    addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    addHeadersOnExceeding: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
    },
  })
  await app.register(underPressure, {
    maxEventLoopDelay: LATE_LOOP_MS,
    pressureHandler: () => {
      throw unavailable('The server is too busy.', 2)
    },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(['application/json', 'text/csv'], { parseAs: 'buffer' }, (request, body, done) => {
    const charset = /charset\s*=\s*"?([\w-]+)/i.exec(request.headers['content-type'] ?? '')?.[1] ?? 'utf-8'
    if (/^utf-?8$/i.test(charset)) done(null, body)
    else done(Object.assign(new Error('charset'), { statusCode: 415 }))
  })
  let underWay = 0
  app.addHook('preHandler', async (_request, reply) => {
    if (underWay >= limits.concurrentRequests) throw unavailable('Too many requests are being answered.')
    underWay += 1
    metrics.entered()
    reply.raw.once('close', () => {
      underWay -= 1
      metrics.left()
    })
  })
  app.post('/invocations', async (request, reply) => {
    const text = await slot.use((active) => invoke(active, request, services))
    return reply.type('application/json').send(text)
  })
  for (const path of ['/v2/models/:model/infer', '/v2/models/:model/versions/:version/infer']) {
    app.post<{ Params: { model: string; version?: string } }>(path, async (request, reply) => {
      const text = await slot.use(async (active) => {
        requireServed(active, request.params)
        return infer(active, request, services)
      })
      return reply.type('application/json').send(text)
    })
  }
}

/** @throws RequestFault when another model or version is meant than the one that answers. */
export function requireServed({ served }: ActiveVersion, named: { model: string; version?: string }): void {
  if (named.model === served.model && (named.version ?? served.version) === served.version) return
  throw new RequestFault(
    404,
    'RESOURCE_DOES_NOT_EXIST',
    'Another model or version is served here; see /version.',
  )
}

async function invoke(
  active: ActiveVersion,
  request: FastifyRequest,
  services: ScoringRoutes,
): Promise<string> {
  const { scored, rows, detail } = await answer(active, request, services, (document, shape) =>
    document === null ? readCsvRows(bodyOf(request), shape) : readInvocation(document, shape),
  )
  if (!detail) return JSON.stringify({ predictions: scored.map(({ label }) => label) })
  const { version } = active.served
  const predictions = scored.map(
    ({ label, probability, threshold }, at): DetailedAnswer => ({
      label,
      probability,
      threshold,
      version,
      requestId: request.id,
      warnings: active.warnings(rows[at] ?? []),
    }),
  )
  return JSON.stringify({ predictions })
}

async function infer(
  active: ActiveVersion,
  request: FastifyRequest,
  services: ScoringRoutes,
): Promise<string> {
  const { scored, id, outputs } = await answer(active, request, services, readInference)
  const { model, version } = active.served
  return JSON.stringify(inferenceAnswer(scored, { model, version, id, outputs }))
}

type Shape = Parameters<typeof readInvocation>[1]
type Refused = Extract<Invocation, { ok: false }>

/** The way of every scoring request: read, check, score, log. A document is null for a CSV body. */
async function answer<Read extends { ok: true } & Extract<Invocation, { ok: true }>>(
  active: ActiveVersion,
  request: FastifyRequest,
  services: ScoringRoutes,
  read: (document: unknown, shape: Shape) => Read | Refused,
): Promise<Read & ScoredRows> {
  const { metrics, feeder, idColumn } = services
  const begun = performance.now()
  const source = sourceOf(request.headers['x-churn-ops-source'])
  const asked = read(documentOf(request), { columns: active.columns, id: idColumn })
  if (!asked.ok) throw rowFault(asked.problems)
  metrics.phase('preprocess', active.served.version, (performance.now() - begun) / 1000)
  const found = await scoreRows(active, asked, services)
  const scoredAt = performance.now()
  feeder.feed(active, found, { customers: asked.customers, requestId: request.id, source })
  metrics.phase('postprocess', active.served.version, (performance.now() - scoredAt) / 1000)
  return { ...asked, ...found }
}

function documentOf(request: FastifyRequest): unknown {
  if (/^text\/csv/i.test(request.headers['content-type'] ?? '')) return null
  const parsed = parseStrictJson(bodyOf(request))
  if (parsed.ok) return parsed.value ?? false
  throw new RequestFault(400, 'BAD_REQUEST', `The request cannot be read: ${parsed.problem}.`)
}

function bodyOf(request: FastifyRequest): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : new Uint8Array()
}
