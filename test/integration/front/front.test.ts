import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { packageRoot } from '../../../src/compose.js'
import { FRONT_LIMITS } from '../../../src/domain/serving/front-limits.js'
import { createRequestLogReader } from '../../../src/files/request-log-reader.js'
import { type RealFront, startBareServer, startRealFront } from '../../helpers/front.js'
import { type LiveModel, makeLiveModel } from '../../helpers/live-model.js'

const SLOW_MS = 300_000
const folder = mkdtempSync(join(tmpdir(), 'churn-ops-front-'))
const state = join(folder, 'state')
const { dataframe_split: split } = JSON.parse(readFileSync(join(packageRoot, 'test.json'), 'utf8'))
const records: Record<string, unknown>[] = split.data.map((line: unknown[]) =>
  Object.fromEntries(split.columns.map((name: string, at: number) => [name, line[at]])),
)
let live: LiveModel
let real: RealFront
let bare: Awaited<ReturnType<typeof startBareServer>>

beforeAll(async () => {
  live = await makeLiveModel(folder)
  const started = await Promise.all([startRealFront(live, state), startBareServer(live)])
  real = started[0]
  bare = started[1]
}, SLOW_MS)
afterAll(async () => {
  await Promise.all([real?.close(), bare?.close()])
  rmSync(folder, { recursive: true, force: true })
})

const JSON_TYPE = { 'content-type': 'application/json' }
const post = (body: unknown, headers: Record<string, string> = JSON_TYPE, url = real.front.url) =>
  fetch(`${url}/invocations`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
// biome-ignore lint/suspicious/noExplicitAny: answers are compared with what they should be.
const json = async (answer: Response): Promise<any> => answer.json()
const told = async (path: string) => json(await fetch(`${real.front.url}${path}`))
const column = (name: string) => records.map((record) => record[name])

describe('MLflow’s contract', () => {
  test.each<[string, unknown, Record<string, string>?]>([
    ['dataframe_split', { dataframe_split: split }],
    ['dataframe_split with details', { dataframe_split: split, params: { detail: true } }],
    ['dataframe_records', { dataframe_records: records }],
    ['instances', { instances: records }],
    [
      'inputs by column',
      { inputs: Object.fromEntries(split.columns.map((name: string) => [name, column(name)])) },
    ],
    ['inputs of one row', { inputs: records[0] }],
    [
      'a blank number',
      { dataframe_records: [{ ...records[0], TotalCharges: null }], params: { detail: true } },
    ],
    [
      'an unknown category',
      { instances: [{ ...records[0], Contract: 'Ten years' }], params: { detail: true } },
    ],
    [
      'CSV',
      [split.columns, ...split.data].map((line: unknown[]) => line.join(',')).join('\n'),
      { 'content-type': 'text/csv' },
    ],
  ])('%s gets the answers of bare `mlflow models serve`', async (_name, body, headers) => {
    const [ours, theirs] = await Promise.all([post(body, headers), post(body, headers, bare.url)])
    expect([ours.status, theirs.status]).toEqual([200, 200])
    const plain = (answer: { predictions: Record<string, unknown>[] }) =>
      answer.predictions.map((each) => {
        if (typeof each !== 'object') return each
        const { label, probability, threshold } = each
        return { label, probability, threshold }
      })
    expect(plain(await json(ours))).toEqual(plain(await json(theirs)))
  })

  test('details tell version, request and what is odd about a row', async () => {
    const odd = { ...records[0], gender: 'Zebra', tenure: null }
    const answer = await post(
      { dataframe_records: [odd, records[1]], params: { detail: true } },
      { ...JSON_TYPE, 'x-request-id': 'order-17' },
    )
    const { predictions } = await json(answer)
    expect(predictions[0]).toEqual({
      label: expect.any(Number),
      probability: expect.any(Number),
      threshold: expect.any(Number),
      version: live.version,
      requestId: 'order-17',
      warnings: [
        { column: 'gender', problem: 'unknown category' },
        { column: 'tenure', problem: 'blank' },
      ],
    })
    expect(predictions[1].warnings).toEqual([])
    expect(answer.headers.get('x-request-id')).toBe('order-17')
  })
})

describe('what bare MLflow would cast or spill', () => {
  test.each([
    ['a fraction for a whole number', { tenure: 3.7 }, 'tenure'],
    ['true for a number', { tenure: true }, 'tenure'],
    ['text for a number', { MonthlyCharges: '29.85' }, 'MonthlyCharges'],
    ['a number for a category', { Contract: 1 }, 'Contract'],
    ['a list', { Contract: ['One year'] }, 'Contract'],
    ['more than a float holds', { TotalCharges: 1e300 }, 'TotalCharges'],
    ['just more than a float of 32 bits holds', { MonthlyCharges: 1e39 }, 'MonthlyCharges'],
  ])('%s is refused by row and column', async (_name, change, column) => {
    const answer = await post({ dataframe_records: [records[0], { ...records[1], ...change }] })
    expect(answer.status).toBe(400)
    const body = await json(answer)
    expect(body).toEqual({
      error_code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringContaining(`row 2, column ${column}: `),
      problems: [{ row: 2, column, message: expect.any(String) }],
    })
  })

  test.each([
    ['NaN', '{"instances":[{"tenure":NaN}]}', 400],
    ['1e999', '{"instances":[{"tenure":1e999}]}', 400],
    ['a key twice', '{"instances":[],"instances":[]}', 400],
    ['nesting', `{"instances":${'['.repeat(99)}${']'.repeat(99)}}`, 400],
    ['nothing', '', 400],
    [
      'too many rows',
      JSON.stringify({ instances: Array.from({ length: 20_001 }, () => ({ tenure: 1 })) }),
      400,
    ],
  ])('%s is refused with strict JSON', async (_name, body, status) => {
    const answer = await post(body)
    expect(answer.status).toBe(status)
    expect(await json(answer)).toMatchObject({ error_code: expect.any(String), message: expect.any(String) })
  })

  test('more rows than the limit are 413', async () => {
    const data = Array.from({ length: FRONT_LIMITS.rows + 1 }, () => split.data[0])
    const answer = await post({ dataframe_split: { columns: split.columns, data } })
    expect(answer.status).toBe(413)
    expect(await json(answer)).toMatchObject({ error_code: 'REQUEST_LIMIT_EXCEEDED' })
  })

  test.each(['text/plain', 'application/json; charset=latin1', 'application/vnd.apache.parquet'])(
    'the content type %s is 415',
    async (type) => {
      expect((await post('{}', { 'content-type': type })).status).toBe(415)
    },
  )
})

describe('what the server tells', () => {
  test('version, health and metrics, by version and never by customer', async () => {
    const customer = 'canary-7319'
    await post({ dataframe_records: [{ ...records[0], customerID: customer }] })
    const { model, version } = live
    expect(await told('/version')).toEqual({ model, version, engine: 'compiled' })
    expect(await told('/health')).toEqual({
      status: 'ok',
      version,
      engine: 'compiled',
      reason: null,
      log: { ok: true, reason: null },
    })
    const metrics = await (await fetch(`${real.front.url}/metrics`)).text()
    for (const name of ['preprocess', 'predict', 'postprocess'])
      expect(metrics).toMatch(
        new RegExp(`churnops_request_${name}_seconds_count\\{version="${version}"\\} [1-9]`),
      )
    expect(metrics).toMatch(/churnops_model_infer_request_success_total\{version="1"\} [1-9]/)
    expect(metrics).toMatch(/churnops_rest_server_requests_total\{route="\/invocations",status="200"\} [1-9]/)
    expect(metrics).not.toContain(customer)
  })

  test('the Open Inference Protocol answers what its own OpenAPI example asks', async () => {
    const api = await told('/openapi.json')
    const { InferenceRequest, Row } = api.components.schemas
    const metadata = await told(`/v2/models/${live.model}`)
    expect(metadata).toMatchObject({ name: live.model, versions: [live.version] })
    expect(metadata.inputs.map(({ name }: { name: string }) => name)).toEqual(Object.keys(Row.properties))
    const answer = await fetch(`${real.front.url}/v2/models/${live.model}/versions/${live.version}/infer`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify({ ...InferenceRequest.example, id: 'a' }),
    })
    expect(answer.status).toBe(200)
    expect(await json(answer)).toMatchObject({
      model_name: live.model,
      model_version: live.version,
      id: 'a',
      outputs: [
        { name: 'label', datatype: 'INT64', shape: [1] },
        { name: 'probability', datatype: 'FP64', shape: [1] },
        { name: 'threshold', datatype: 'FP64', shape: [1] },
      ],
    })
    expect(await told('/v2/health/live')).toEqual({ live: true })
    expect(await told('/v2/health/ready')).toMatchObject({ ready: true })
    expect(await told(`/v2/models/${live.model}/ready`)).toEqual({ name: live.model, ready: true })
    expect((await fetch(`${real.front.url}/v2/models/other`)).status).toBe(404)
  })

  test('the page of the routes loads nothing from elsewhere', async () => {
    const page = await fetch(`${real.front.url}/docs`)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    const text = await page.text()
    const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => String(url))
    expect(loaded).toEqual(['/docs/style.css', '/openapi.json', '/docs/script.js'])
    for (const url of loaded) expect((await fetch(`${real.front.url}${url}`)).status).toBe(200)
  })
})

test('every scored row is logged with its source and customer, and nothing that was refused', async () => {
  const rows = [{ ...records[0], customerID: 'C-1' }, records[1]]
  const named = { ...JSON_TYPE, 'x-churn-ops-source': 'golden', 'x-request-id': 'r-9' }
  await post({ dataframe_records: [{ ...records[0], tenure: true }] }, named)
  await post({ dataframe_records: rows }, named)
  const logged = async () => {
    const found = []
    for await (const row of createRequestLogReader(state).read())
      if (row?.requestId === 'r-9') found.push(row)
    return found
  }
  await vi.waitFor(async () =>
    expect(await logged()).toEqual([
      expect.objectContaining({
        customer: 'C-1',
        source: 'golden',
        version: live.version,
        features: records[0],
      }),
      expect.objectContaining({ customer: null, features: records[1] }),
    ]),
  )
})

describe('guards', () => {
  /** Sends bytes as they are; what comes back until the connection ends. */
  const raw = (url: string, text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(url)
      const socket = connect(Number(port), hostname, () => socket.end(text))
      let answer = ''
      socket.on('data', (chunk) => {
        answer += chunk
      })
      socket.on('close', () => resolve(answer))
      socket.on('error', reject)
    })

  test.each(['evil.example', 'localhost', 'localhost:1', '127.0.0.1.evil.example', ''])(
    'the name %j is refused',
    async (host) => {
      const answer = await raw(
        real.front.url,
        `GET /ping HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      )
      expect(answer).toMatch(/^HTTP\/1.1 40[03] /)
    },
  )

  test('localhost and the port is the same server', async () => {
    const { port } = new URL(real.front.url)
    const answer = await raw(
      real.front.url,
      `GET /ping HTTP/1.1\r\nHost: LocalHost:${port}\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
  })
})
