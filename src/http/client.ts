import axios from 'axios'

/** What came back: an answer of any status, or the reason why there is none. */
export type HttpOutcome =
  | { kind: 'answer'; status: number; text: string }
  | { kind: 'failure'; code: string; reason: string }

/** Limits of one request. */
export interface HttpOptions {
  timeoutMs: number
  signal?: AbortSignal
  headers?: Record<string, string>
}

const MAXIMUM_BYTES = 256 * 1024 * 1024

/** Asks for a page; never throws, whatever the other side does. */
export async function get(url: string, options: HttpOptions): Promise<HttpOutcome> {
  return send(url, options, { method: 'GET', headers: options.headers ?? {} })
}

/** Sends JSON; never throws, whatever the other side does. */
export async function postJson(url: string, body: unknown, options: HttpOptions): Promise<HttpOutcome> {
  return send(url, options, {
    method: 'POST',
    data: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...options.headers },
  })
}

async function send(
  url: string,
  { timeoutMs, signal }: HttpOptions,
  request: { method: string; data?: string; headers?: Record<string, string> },
): Promise<HttpOutcome> {
  // axios' own timeout does not cover a connection that is never accepted.
  const deadline = AbortSignal.timeout(timeoutMs)
  try {
    const { status, data } = await axios.request<string>({
      ...request,
      url,
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      responseType: 'text',
      // The text stays text: axios would hand broken JSON on as if it were an answer.
      transformResponse: (text: string) => text,
      validateStatus: () => true,
      maxRedirects: 0,
      maxContentLength: MAXIMUM_BYTES,
      maxBodyLength: MAXIMUM_BYTES,
      // A proxy of the environment is for the world outside, never for this machine.
      ...(isLoopback(url) ? { proxy: false as const } : {}),
    })
    return { kind: 'answer', status, text: data }
  } catch (error) {
    if (deadline.aborted) return failure('ETIMEDOUT', `no answer within ${timeoutMs / 1000} s`)
    const code = axios.isAxiosError(error) ? (error.code ?? 'UNKNOWN') : 'UNKNOWN'
    return failure(code, reasonOf(code, error))
  }
}

/** True for a URL of this machine. */
export function isLoopback(url: string): boolean {
  const hostname = new URL(url).hostname.replace(/\.$/, '')
  if (/^(?:.+\.)?localhost$/.test(hostname) || /^127(?:\.\d+){3}$/.test(hostname)) return true
  // Also as IPv6 writes them, and the address that a server binds to when it means all of this machine.
  return (
    ['[::1]', '[::]', '0.0.0.0'].includes(hostname) || /^\[::ffff:7f[\da-f]{2}:[\da-f]+\]$/.test(hostname)
  )
}

function reasonOf(code: string, error: unknown): string {
  if (code === 'ECONNREFUSED') return 'nothing is listening there'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its host name is unknown'
  const message = error instanceof Error && error.message !== '' ? error.message : 'unknown reason'
  return `${message} (${code})`
}

function failure(code: string, reason: string): HttpOutcome {
  return { kind: 'failure', code, reason }
}
