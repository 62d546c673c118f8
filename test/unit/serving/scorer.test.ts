import { afterEach, expect, test } from 'vitest'
import { createScorer } from '../../../src/serving/scorer.js'
import { type HttpServer, startHttpServer } from '../../helpers/http-server.js'

const scorer = createScorer()
let server: HttpServer | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

async function answering(status: number, text: string): Promise<string> {
  server = await startHttpServer((_body, _request, response) => response.writeHead(status).end(text))
  return server.url
}

test('rows go out as dataframe_split, asking for detail', async () => {
  const url = await answering(200, '{"predictions":[{"label":1,"probability":0.7,"threshold":0.3}]}')
  const scored = await scorer.score(url, [[1, null]], ['a', 'b'])
  expect(scored).toEqual([{ label: 1, probability: 0.7, threshold: 0.3 }])
  expect(JSON.parse(server?.bodies[0] ?? '')).toEqual({
    dataframe_split: { columns: ['a', 'b'], data: [[1, null]] },
    params: { detail: true },
  })
})

test('plain labels of a model that knows no detail are taken, without probability', async () => {
  const url = await answering(200, '{"predictions":[0,1]}')
  expect(await scorer.score(url, [[1], [2]], ['a'])).toEqual([
    { label: 0, probability: null, threshold: null },
    { label: 1, probability: null, threshold: null },
  ])
})

test.each([
  ['NaN, which is no JSON', 200, '{"predictions":[NaN]}', 'does not return predictions'],
  ['a page', 200, '<html>hello</html>', 'does not return predictions'],
  ['an unknown label', 200, '{"predictions":[2]}', 'does not return predictions'],
  ['too few rows', 200, '{"predictions":[]}', 'returned 0 predictions for 1 rows'],
  ['a wrong place', 404, 'no such page', 'refused to score (status 404): no such page'],
  ['a redirect', 302, '', 'refused to score (status 302)'],
  ['a gateway that is down', 502, 'bad gateway', 'status 502'],
])('%s is an endpoint that does not answer well', async (_name, status, text, message) => {
  const url = await answering(status, text)
  await expect(scorer.score(url, [[1]], ['a'])).rejects.toMatchObject({
    code: 'ENDPOINT_UNREACHABLE',
    exitCode: 7,
    message: expect.stringContaining(message),
  })
})

test.each([400, 413, 422])('status %i is a healthy endpoint that refuses the rows', async (status) => {
  const url = await answering(status, '{"error_code": "BAD_REQUEST", "message": "the row 1,2"}')
  await expect(scorer.score(url, [[1]], ['a'])).rejects.toMatchObject({
    code: 'ENDPOINT_REFUSED',
    exitCode: 3,
    message: `The endpoint ${url} works but refused the rows (status ${status}): BAD_REQUEST`,
  })
})

test('at most 200 characters of a foreign answer are shown', async () => {
  const url = await answering(500, 'x'.repeat(5_000))
  const error = await scorer.score(url, [[1]], ['a']).catch((caught: Error) => caught)
  expect((error as Error).message).toContain(`status 500): ${'x'.repeat(200)}`)
  expect((error as Error).message).not.toContain('x'.repeat(201))
})

test('an endpoint where nothing listens is told at once, with the command that starts it', async () => {
  const url = await answering(200, '')
  await server?.close()
  await expect(scorer.check(url)).rejects.toMatchObject({
    code: 'ENDPOINT_UNREACHABLE',
    hint: expect.stringContaining('churn-ops serve'),
  })
})

test('an answer that breaks off midway is no answer', async () => {
  server = await startHttpServer((_body, _request, response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('{"predictions":[')
    setImmediate(() => response.destroy())
  })
  await expect(scorer.score(server.url, [[1]], ['a'])).rejects.toMatchObject({
    code: 'ENDPOINT_UNREACHABLE',
  })
})

test('any answer to the check means that somebody is there', async () => {
  await expect(scorer.check(await answering(404, ''))).resolves.toBeUndefined()
})

test('no rows are no request', async () => {
  const url = await answering(500, '')
  expect(await scorer.score(url, [], ['a'])).toEqual([])
  expect(server?.bodies).toEqual([])
})

test('who asks stands in a header, with the key of the environment', async () => {
  const headers: Record<string, unknown>[] = []
  server = await startHttpServer((_body, request, response) => {
    headers.push(request.headers)
    response.end('{"predictions":[1]}')
  })
  await createScorer(undefined, 'a-key').score(server.url, [[1]], ['a'], 'monitor')
  expect(headers[0]).toMatchObject({ 'x-churn-ops-source': 'monitor', authorization: 'Bearer a-key' })
})

test.each([
  ['a front of ours tells its version', '{"model":"M","version":"7","engine":"compiled"}', '7'],
  ['MLflow tells its own, which is none of the model', '3.17.2', null],
])('%s', async (_name, text, version) => {
  const url = await answering(200, text)
  expect(await scorer.version(url)).toBe(version)
  expect(await scorer.version(url, false)).toBeNull()
})
