import { afterEach, expect, test } from 'vitest'
import { championByHttp } from '../../../src/serving/champion-by-http.js'
import { type HttpServer, startHttpServer } from '../../helpers/http-server.js'

let server: HttpServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

test.each([
  [200, '{"model_version":{"version":"7","name":"M"}}', '7'],
  [404, '{"error_code":"RESOURCE_DOES_NOT_EXIST"}', 'none'],
  [503, 'later', 'away'],
  [200, '<html>', 'away'],
])('status %i with %s tells %s', async (status, text, told) => {
  const asked: (string | undefined)[] = []
  server = await startHttpServer((_body, { url, headers }, response) => {
    asked.push(url, headers.authorization)
    response.writeHead(status).end(text)
  })
  const trackingUri = `${server.url.replace('//', '//me:p%40ss@')}/mlflow/`
  expect(await championByHttp({ trackingUri, model: 'A & B' })).toBe(told)
  expect(asked).toEqual([
    '/mlflow/api/2.0/mlflow/registered-models/alias?name=A+%26+B&alias=champion',
    `Basic ${btoa('me:p@ss')}`,
  ])
})

test('a server that is not there changes nothing', async () => {
  expect(await championByHttp({ trackingUri: 'http://127.0.0.1:9', model: 'M' })).toBe('away')
})
