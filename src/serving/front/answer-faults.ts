import type { FastifyInstance, FastifyReply } from 'fastify'
import { type FaultCode, RequestFault } from './request-fault.js'

const TEXTS: Record<number, [FaultCode, string]> = {
  400: ['BAD_REQUEST', 'The request is not one that can be read.'],
  404: ['RESOURCE_DOES_NOT_EXIST', 'There is no such page here; /docs lists them.'],
  408: ['BAD_REQUEST', 'The request took too long to arrive.'],
  413: ['REQUEST_LIMIT_EXCEEDED', 'The body is larger than this server takes; send fewer rows at a time.'],
  414: ['BAD_REQUEST', 'The address is too long.'],
  415: ['BAD_REQUEST', 'The body must be application/json or text/csv, in UTF-8.'],
  429: ['REQUEST_LIMIT_EXCEEDED', 'Too many requests; Retry-After says when to come again.'],
}

/** Answers every fault with one shape of JSON: no trace, nothing of what was sent. */
export function answerFaults(app: FastifyInstance, say: (line: string) => void): void {
  app.setErrorHandler(async (error, request, reply) => {
    const fault = faultOf(error)
    if (fault.statusCode >= 500 && fault.faultCode === 'INTERNAL_ERROR') {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
      say(
        `${request.method} ${request.routeOptions.url ?? 'unknown page'} failed (${reason}), request ${request.id}`,
      )
    }
    return send(reply, fault, request.routeOptions.url?.startsWith('/v2') === true)
  })
  app.setNotFoundHandler(async (request, reply) =>
    send(reply, faultOf({ statusCode: 404 }), request.url.startsWith('/v2')),
  )
}

function send(reply: FastifyReply, fault: RequestFault, isInferenceProtocol: boolean): FastifyReply {
  if (fault.retryAfter !== null) reply.header('retry-after', String(fault.retryAfter))
  const body = {
    ...(isInferenceProtocol ? { error: fault.message } : {}),
    error_code: fault.faultCode,
    message: fault.message,
    ...(fault.problems.length === 0 ? {} : { problems: fault.problems }),
  }
  return reply.code(fault.statusCode).type('application/json').send(JSON.stringify(body))
}

function faultOf(error: unknown): RequestFault {
  if (error instanceof RequestFault) return error
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status >= 400 && status < 500) {
    const [code, message] = TEXTS[status] ?? TEXTS[400] ?? ['BAD_REQUEST', '']
    return new RequestFault(status, code, message)
  }
  if (status === 503) {
    return new RequestFault(503, 'TEMPORARILY_UNAVAILABLE', 'The server is too busy.', { retryAfter: 1 })
  }
  return new RequestFault(
    500,
    'INTERNAL_ERROR',
    'The request could not be answered; the fault is on this side.',
  )
}
