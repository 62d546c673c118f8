import type { FastifyInstance } from 'fastify'
import { modelMetadata } from '../../domain/serving/inference-protocol.js'
import { openApiDocument } from '../../domain/serving/openapi.js'
import type { FrontLimits, RequestLog } from '../../usecases/ports/front.js'
import type { VersionSlot } from './active-version.js'
import { DOCS_PAGE, DOCS_SCRIPT, DOCS_STYLE } from './docs-page.js'
import type { FrontMetrics } from './metrics.js'
import { requireServed } from './scoring-routes.js'

/** What the routes that only tell need. */
export interface StatusRoutes {
  slot: VersionSlot
  log: RequestLog
  metrics: FrontMetrics
  limits: FrontLimits
  needsKey: boolean
  packageVersion: string
  /** Why what is served is not what should be; null when it is. */
  note(): string | null
  /** False while the engine is away. */
  isReady(): boolean
}

const CONTENT_SECURITY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The routes that tell about the server and the version that answers. */
export function statusRoutes(app: FastifyInstance, services: StatusRoutes): void {
  const { slot, log, metrics, isReady } = services
  app.get('/ping', async (_, reply) =>
    reply.code(isReady() ? 200 : 503).send({ status: isReady() ? 'ok' : 'unavailable' }),
  )
  app.get('/version', async () => {
    const { model, version, engine } = slot.current().served
    return { model, version, engine: engine.kind }
  })
  app.get('/health', async (_, reply) => {
    const { served } = slot.current()
    const { ok, reason } = log.state()
    const note = services.note() ?? served.reason
    const status = !isReady() ? 'unavailable' : services.note() === null && ok ? 'ok' : 'degraded'
    return reply.code(isReady() ? 200 : 503).send({
      status,
      version: served.version,
      engine: served.engine.kind,
      reason: note,
      log: { ok, reason },
    })
  })
  app.get('/metrics', async (_, reply) => {
    const { type, text } = await metrics.text()
    return reply.type(type).send(text)
  })
  inferenceRoutes(app, services)
  app.get('/openapi.json', async () => {
    const { served, columns } = slot.current()
    const { model, version } = served
    const { limits, needsKey, packageVersion } = services
    return openApiDocument({ model, version, columns, packageVersion, limits, needsKey })
  })
  for (const [path, type, text] of [
    ['/docs', 'text/html; charset=utf-8', DOCS_PAGE],
    ['/docs/script.js', 'text/javascript; charset=utf-8', DOCS_SCRIPT],
    ['/docs/style.css', 'text/css; charset=utf-8', DOCS_STYLE],
  ] as const) {
    app.get(path, async (_, reply) =>
      reply.header('content-security-policy', CONTENT_SECURITY).type(type).send(text),
    )
  }
}

/** The Open Inference Protocol's pages; its specification prints the key of the ready answer as `live`, so both are there. */
function inferenceRoutes(app: FastifyInstance, { slot, isReady, packageVersion }: StatusRoutes): void {
  app.get('/v2', async () => ({ name: 'churn-ops', version: packageVersion, extensions: [] }))
  app.get('/v2/health/live', async () => ({ live: true }))
  app.get('/v2/health/ready', async (_, reply) =>
    reply.code(isReady() ? 200 : 503).send({ live: isReady(), ready: isReady() }),
  )
  for (const path of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    app.get<{ Params: { model: string; version?: string } }>(path, async (request) => {
      const active = slot.current()
      requireServed(active, request.params)
      const { model, version, engine } = active.served
      return modelMetadata(model, version, engine.kind, active.columns)
    })
    app.get<{ Params: { model: string; version?: string } }>(`${path}/ready`, async (request, reply) => {
      const active = slot.current()
      requireServed(active, request.params)
      return reply.code(isReady() ? 200 : 503).send({ name: active.served.model, ready: isReady() })
    })
  }
}
