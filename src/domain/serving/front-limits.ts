import { ChurnOpsError } from '../../errors.js'

/** What the front takes; more is refused with an answer that says so. */
export const FRONT_LIMITS = {
  bodyBytes: 16 * 1024 * 1024,
  rows: 20_000,
  requestsPerSecond: 5_000,
  concurrentRequests: 128,
  receiveMs: 15_000,
  answerMs: 30_000,
} as const

const SHORTEST_KEY = 16
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/

/**
 * The API key that callers must show; null for none.
 *
 * @throws ChurnOpsError `API_KEY_MISSING` when others can reach the address and the key is missing, or too short to be one.
 */
export function requiredKey(host: string, given: string | undefined): string | null {
  const key = given === undefined || given === '' ? null : given
  const isOpen = !LOOPBACK.test(host)
  if (key === null ? !isOpen : key.length >= SHORTEST_KEY) return key
  throw new ChurnOpsError('API_KEY_MISSING', {
    message:
      key === null
        ? `--host ${host} can be reached from other machines, and no API key is set. Nothing was started.`
        : `The API key in CHURN_OPS_API_KEY has ${key.length} characters, fewer than ${SHORTEST_KEY}. Nothing was started.`,
    hint: 'Set CHURN_OPS_API_KEY, such as with `export CHURN_OPS_API_KEY="$(openssl rand -hex 24)"`.',
    details: { host },
  })
}
