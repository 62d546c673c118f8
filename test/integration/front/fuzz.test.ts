import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageRoot } from '../../../src/compose.js'
import { parseStrictJson } from '../../../src/domain/serving/strict-json.js'
import { type RealFront, startRealFront } from '../../helpers/front.js'
import { type FuzzRequest, fuzzRequest, seeded } from '../../helpers/fuzz-bodies.js'
import { type LiveModel, makeLiveModel } from '../../helpers/live-model.js'

/** `npm run fuzz` raises it. */
const BODIES = Number(process.env.CHURN_OPS_FUZZ_BODIES ?? 5_000)
const SEED = Number(process.env.CHURN_OPS_FUZZ_SEED ?? 42)
const AT_ONCE = 8
const SLOW_MS = 120_000 + BODIES * 60
const FLAT_BYTES = 80 * 1024 * 1024

const folder = mkdtempSync(join(tmpdir(), 'churn-ops-fuzz-'))
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
let live: LiveModel
let real: RealFront

beforeAll(async () => {
  live = await makeLiveModel(folder)
  real = await startRealFront(live, join(folder, 'state'))
})
afterAll(async () => {
  agent.destroy()
  await real?.close()
  rmSync(folder, { recursive: true, force: true })
})

function send({ path, headers, body }: FuzzRequest): Promise<{ status: number; answer: Buffer }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${real.front.url}${path}`, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, answer: Buffer.concat(chunks) }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

test(
  `${BODIES} broken and whole bodies are answered with strict JSON and no fault of the server, in flat memory`,
  async () => {
    const { columns, data } = JSON.parse(readFileSync(join(packageRoot, 'test.json'), 'utf8')).dataframe_split
    const row = Object.fromEntries(columns.map((name: string, at: number) => [name, data[0][at]]))
    const random = seeded(SEED)
    const statuses = new Map<number, number>()
    let left = BODIES
    let settled = 0
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        const asked = fuzzRequest(random, live.model, row)
        const { status, answer } = await send(asked)
        const shown = () =>
          `${asked.path} ${JSON.stringify(asked.headers)} ${asked.body.toString('latin1').slice(0, 2000)}`
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (status >= 500 || !parseStrictJson(answer).ok)
          throw new Error(`${status} ${answer.toString().slice(0, 500)} to ${shown()}`)
        if (/\bat .*\.(?:js|ts|py)\b|Traceback/.test(answer.toString()))
          throw new Error(`a trace to ${shown()}`)
        if (left === Math.floor(BODIES * 0.6)) settled = process.memoryUsage().rss
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    expect([...statuses.keys()].sort()).toEqual([200, 400, 415])
    expect(statuses.get(200) ?? 0).toBeGreaterThan(BODIES / 5)
    expect(process.memoryUsage().rss - settled).toBeLessThan(FLAT_BYTES)
  },
  SLOW_MS,
)

test(
  'a body over the limit is refused with 413 without being read whole, and the next request is answered',
  async () => {
    const body = Buffer.alloc(40 * 1024 * 1024, 32)
    // The connection may be closed while the client still sends.
    const refused = await send({
      path: '/invocations',
      headers: { 'content-type': 'application/json' },
      body,
    }).catch(() => null)
    expect(refused === null || refused.status === 413).toBe(true)
    expect((await fetch(`${real.front.url}/ping`)).status).toBe(200)
  },
  SLOW_MS,
)
