import { createHash, timingSafeEqual } from 'node:crypto'
import { hostname, networkInterfaces } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { RequestFault } from './request-fault.js'

/** Pages that a supervisor asks, which knows no key. */
const OPEN_PAGES = new Set(['/ping', '/health', '/v2/health/live', '/v2/health/ready'])

/** Refuses requests that call this server by another name (DNS rebinding) or show no key. */
export function guard(
  app: FastifyInstance,
  options: { host: string; allowedHosts: readonly string[]; apiKey: string | null; port(): number },
): void {
  let names: Set<string> | undefined
  const key = options.apiKey === null ? null : digest(options.apiKey)
  app.addHook('onRequest', async (request, reply) => {
    names ??= hostNames(options.host, options.allowedHosts, options.port())
    if (!names.has((request.headers.host ?? '').toLowerCase())) {
      throw new RequestFault(
        403,
        'PERMISSION_DENIED',
        'This server is not called by that name (Host header).',
      )
    }
    if (key === null || OPEN_PAGES.has(request.routeOptions.url ?? '')) return
    const shown = keyOf(request.headers)
    if (shown !== null && timingSafeEqual(digest(shown), key)) return
    // A browser asks for the key as a password, so that /docs can be used.
    reply.header('www-authenticate', 'Bearer realm="churn-ops", Basic realm="churn-ops"')
    throw new RequestFault(401, 'UNAUTHENTICATED', 'Show the API key: `Authorization: Bearer KEY`.')
  })
}

/** Every `Host` that means this server, exactly. */
export function hostNames(host: string, allowed: readonly string[], port: number): Set<string> {
  const own = ['127.0.0.1', 'localhost', '[::1]']
  const isOpen = host === '0.0.0.0' || host === '::'
  const addresses = isOpen
    ? Object.values(networkInterfaces()).flatMap((each) =>
        (each ?? []).map(({ address }) => bracketed(address)),
      )
    : []
  const names = [...own, bracketed(host), ...(isOpen ? [hostname(), ...addresses] : []), ...allowed]
  return new Set(
    names
      .flatMap((name) => [`${name}:${port}`, ...(port === 80 ? [name] : [])])
      .map((name) => name.toLowerCase()),
  )
}

function bracketed(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address
}

function keyOf(headers: {
  authorization?: string | undefined
  'x-api-key'?: string | string[] | undefined
}): string | null {
  const { authorization, 'x-api-key': direct } = headers
  if (typeof direct === 'string') return direct
  const [, scheme, value] = /^(bearer|basic) +(\S+)$/i.exec(authorization ?? '') ?? []
  if (scheme === undefined || value === undefined) return null
  if (scheme.toLowerCase() === 'bearer') return value
  const decoded = Buffer.from(value, 'base64').toString('utf8')
  return decoded.slice(decoded.indexOf(':') + 1)
}

// Digests have one length, so that the comparison tells nothing of the key's.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
