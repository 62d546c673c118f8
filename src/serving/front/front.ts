import { randomUUID } from 'node:crypto'
import fastify from 'fastify'
import { ChurnOpsError } from '../../errors.js'
import type { Front, FrontOptions } from '../../usecases/ports/front.js'
import { createVersionSlot } from './active-version.js'
import { answerFaults } from './answer-faults.js'
import { guard } from './guards.js'
import { createLogFeeder } from './log-feeder.js'
import { createMetrics } from './metrics.js'
import { scoringRoutes } from './scoring-routes.js'
import { statusRoutes } from './status-routes.js'

const REQUEST_ID = /^[\w.-]{1,64}$/
const CONNECTIONS = 512
const CHECK_MS = 1_000
const KEEP_ALIVE_MS = 65_000

/**
 * Starts the HTTP front on a version that is ready.
 *
 * @throws ChurnOpsError `PORT_IN_USE` or `SERVER_START`.
 */
export async function startFront(options: FrontOptions): Promise<Front> {
  const { limits, log, say } = options
  const slot = createVersionSlot(options.first, limits.answerMs)
  const metrics = createMetrics(log.state)
  const feeder = createLogFeeder(log)
  let note: string | null = null
  let lost: ReturnType<typeof slot.current> | null = null
  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.receiveMs,
    connectionTimeout: limits.receiveMs + limits.answerMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { headersTimeout: limits.receiveMs, connectionsCheckingInterval: CHECK_MS },
    // What has arrived is answered, also while the front closes.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    genReqId: ({ headers }) => {
      const given = headers['x-request-id']
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
    },
  })
  app.server.maxConnections = CONNECTIONS
  const port = (): number => {
    const address = app.server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }
  guard(app, { ...options, port })
  answerFaults(app, say)
  app.addHook('onSend', async (request, reply) => {
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
  })
  app.addHook('onResponse', async (request, reply) =>
    metrics.answered(request.routeOptions.url ?? 'unknown', reply.statusCode),
  )
  statusRoutes(app, {
    slot,
    log,
    metrics,
    limits,
    needsKey: options.apiKey !== null,
    packageVersion: options.packageVersion,
    note: () => note,
    isReady: () => slot.current() !== lost,
  })
  await app.register((scope) =>
    scoringRoutes(scope, { limits, metrics, feeder, slot, idColumn: options.idColumn }),
  )
  const watchEnd = (): void => {
    const mine = slot.current()
    void mine.served.ended.then(() => {
      lost = mine
    })
  }
  watchEnd()
  await app
    .listen({ host: options.host, port: options.port, backlog: CONNECTIONS })
    .catch((cause: unknown) => {
      throw notListening(options, cause)
    })
  return {
    url: `http://${shownHost(options.host)}:${port()}`,
    swap: async (next) => {
      const drained = slot.swap(next)
      watchEnd()
      metrics.swapped(next.version)
      await drained
    },
    note: (reason) => {
      note = reason
    },
    close: async () => {
      // Connections that the system has taken already are let in first.
      await new Promise((resolve) => setImmediate(resolve))
      const late = setTimeout(() => app.server.closeAllConnections(), limits.answerMs)
      await app.close()
      clearTimeout(late)
      await slot.close()
      await feeder.empty()
      await log.close()
    },
  }
}

function shownHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

function notListening({ host, port }: FrontOptions, cause: unknown): ChurnOpsError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  if (code === 'EADDRINUSE') {
    return new ChurnOpsError('PORT_IN_USE', {
      message: `Port ${port} of ${host} was taken meanwhile. Nothing is served.`,
      hint: `Take another port: \`churn-ops serve --port ${port + 1}\`.`,
      details: { port, host },
      cause,
    })
  }
  return new ChurnOpsError('SERVER_START', {
    message: `The front cannot listen on port ${port} of ${host} (${code}). Nothing is served.`,
    hint: 'Give an address of this machine with --host and a port that you may use with --port.',
    details: { port, host, reason: code },
    cause,
  })
}
