import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { FRONT_LIMITS, requiredKey } from '../../../../src/domain/serving/front-limits.js'
import { startFront } from '../../../../src/serving/front/front.js'
import type { Front, FrontOptions, RequestLog } from '../../../../src/usecases/ports/front.js'
import { frontOptions } from '../../../helpers/front.js'
import { COLUMNS } from '../../../helpers/served-columns.js'

const KEY = 'correct-horse-battery'
const LOG: RequestLog = {
  append: () => undefined,
  state: () => ({ ok: true, reason: null, written: 0, dropped: 0 }),
  close: async () => undefined,
}
const fronts: Front[] = []
afterEach(async () => {
  await Promise.all(fronts.splice(0).map((front) => front.close()))
})

/** A front whose engine answers 1 when it is let go. */
async function started(options: Partial<FrontOptions> = {}): Promise<{
  front: Front
  letGo(): void
  asked: Promise<void>
  isClosed(): boolean
}> {
  let letGo: () => void = () => undefined
  let heard: () => void = () => undefined
  let closed = false
  const open = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const asked = new Promise<void>((resolve) => {
    heard = resolve
  })
  const engine = {
    kind: 'compiled' as const,
    score: async (rows: readonly unknown[]) => {
      heard()
      await open
      return rows.map(() => ({ label: 1, probability: 0.9, threshold: 0.5 }))
    },
    close: async () => {
      closed = true
    },
  }
  const served = { model: 'M', version: '1', engine, columns: COLUMNS }
  const front = await startFront(frontOptions(served, LOG, options))
  fronts.push(front)
  return { front, letGo, asked, isClosed: () => closed }
}

const body = JSON.stringify({ instances: [{ tenure: 1, contract: 'year' }] })
const score = (front: Front, headers: Record<string, string> = {}) =>
  fetch(`${front.url}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })

describe('the API key', () => {
  test.each([
    ['bearer', { authorization: `Bearer ${KEY}` }, 200],
    ['its own header', { 'x-api-key': KEY }, 200],
    ['the password of a browser', { authorization: `Basic ${btoa(`me:${KEY}`)}` }, 200],
    ['none', {}, 401],
    ['another', { authorization: 'Bearer wrong' }, 401],
    ['part of it', { authorization: `Bearer ${KEY.slice(0, -1)}` }, 401],
    ['nothing behind the scheme', { authorization: 'Bearer ' }, 401],
  ])('%s', async (_name, headers, status) => {
    const { front, letGo } = await started({ apiKey: KEY })
    letGo()
    const answer = await score(front, headers as Record<string, string>)
    expect(answer.status).toBe(status)
    if (status === 401) expect(answer.headers.get('www-authenticate')).toContain('Basic')
  })

  test('is not asked by a supervisor, and is for all other pages', async () => {
    const { front } = await started({ apiKey: KEY })
    const status = async (path: string) => (await fetch(`${front.url}${path}`)).status
    for (const path of ['/ping', '/health', '/v2/health/live', '/v2/health/ready'])
      expect(await status(path)).toBe(200)
    for (const path of ['/version', '/metrics', '/docs', '/openapi.json', '/v2/models/M', '/none'])
      expect(await status(path)).toBe(401)
  })

  test('is needed beyond loopback, and long enough', () => {
    expect(requiredKey('127.0.0.1', undefined)).toBeNull()
    expect(requiredKey('::1', '')).toBeNull()
    expect(requiredKey('0.0.0.0', KEY)).toBe(KEY)
    for (const [host, key] of [
      ['0.0.0.0', undefined],
      ['192.168.0.7', ''],
      ['127.0.0.1.example', undefined],
      ['127.0.0.1', 'short'],
    ] as const)
      expect(() => requiredKey(host, key)).toThrow(
        expect.objectContaining({ code: 'API_KEY_MISSING', exitCode: 8 }),
      )
  })
})

describe('load', () => {
  test('more requests a second than allowed are 429 with Retry-After', async () => {
    const { front, letGo } = await started({ limits: { ...FRONT_LIMITS, requestsPerSecond: 2 } })
    letGo()
    const answers = await Promise.all(Array.from({ length: 6 }, () => score(front)))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThanOrEqual(2)
    expect(refused[0]?.headers.get('retry-after')).toBe('1')
    expect(await refused[0]?.json()).toMatchObject({ error_code: 'REQUEST_LIMIT_EXCEEDED' })
    expect((await fetch(`${front.url}/ping`)).status).toBe(200)
  })

  test('more requests at once than allowed are 503 with Retry-After, and the first ones are answered', async () => {
    const { front, letGo, asked } = await started({ limits: { ...FRONT_LIMITS, concurrentRequests: 1 } })
    const first = score(front)
    await asked
    const second = await score(front)
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '1'])
    letGo()
    expect((await first).status).toBe(200)
    expect((await score(front)).status).toBe(200)
  })

  test('an engine that takes too long is 503, not a hanging client', async () => {
    const { front } = await started({ limits: { ...FRONT_LIMITS, answerMs: 50 } })
    expect((await score(front)).status).toBe(503)
  })

  test('a client that sends its request too slowly is cut off', async () => {
    const { front } = await started({ limits: { ...FRONT_LIMITS, receiveMs: 500 } })
    const { port } = new URL(front.url)
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write(
          `POST /invocations HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
        ),
      )
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk
      })
      socket.on('close', () => resolve(text))
    })
    expect(answer).toMatch(/^HTTP\/1.1 408 /)
  })

  test('closing answers what has arrived, also what comes over an open connection meanwhile', async () => {
    const { front, letGo, asked } = await started()
    const first = score(front)
    await asked
    const closing = front.close()
    letGo()
    const answer = await first
    expect([answer.status, await answer.json()]).toEqual([200, { predictions: [1] }])
    await closing
    await expect(fetch(`${front.url}/ping`)).rejects.toThrow()
  })
})

test('a version that goes is closed after its last request, which it still answers', async () => {
  const { front, letGo, asked, isClosed } = await started()
  const first = score(front)
  await asked
  const engine = {
    kind: 'compiled' as const,
    score: async (rows: readonly unknown[]) =>
      rows.map(() => ({ label: 0, probability: 0.1, threshold: 0.5 })),
    close: async () => undefined,
  }
  const next = frontOptions({ model: 'M', version: '2', engine, columns: COLUMNS }, LOG).first
  const swapped = front.swap(next)
  expect(await (await score(front)).json()).toEqual({ predictions: [0] })
  expect(isClosed()).toBe(false)
  letGo()
  expect(await (await first).json()).toEqual({ predictions: [1] })
  await swapped
  expect(isClosed()).toBe(true)
})

test('an engine that fails is no news for the caller: no trace, no text of its own', async () => {
  const lines: string[] = []
  const engine = {
    kind: 'compiled' as const,
    score: async () => {
      throw new Error('secret of row 3')
    },
    close: async () => undefined,
  }
  const front = await startFront(
    frontOptions({ model: 'M', version: '1', engine, columns: COLUMNS }, LOG, {
      say: (line) => lines.push(line),
    }),
  )
  fronts.push(front)
  const answer = await score(front)
  expect(answer.status).toBe(500)
  expect(await answer.text()).not.toMatch(/secret|at .*ts/)
  expect(lines[0]).toContain('POST /invocations failed')
})
