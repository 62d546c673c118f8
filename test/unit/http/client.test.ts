import { afterEach, expect, test, vi } from 'vitest'
import { get, isLoopback } from '../../../src/http/client.js'
import { type HttpServer, startHttpServer } from '../../helpers/http-server.js'

let server: HttpServer | undefined

afterEach(async () => {
  vi.unstubAllEnvs()
  await server?.close()
})

test('a proxy of the environment is not asked for this machine', async () => {
  server = await startHttpServer((_body, _request, response) => response.end('here'))
  vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1')
  vi.stubEnv('http_proxy', 'http://127.0.0.1:1')
  vi.stubEnv('NO_PROXY', '')
  vi.stubEnv('no_proxy', '')
  expect(await get(server.url, { timeoutMs: 2_000 })).toEqual({ kind: 'answer', status: 200, text: 'here' })
})

test('a server that takes the connection and never answers is given up', async () => {
  server = await startHttpServer(() => undefined)
  expect(await get(server.url, { timeoutMs: 100 })).toMatchObject({ kind: 'failure', code: 'ETIMEDOUT' })
})

test('only names of this machine are loopback', () => {
  expect(
    [
      'http://localhost:1',
      'http://127.0.0.1',
      'http://[::1]:8000',
      'http://a.localhost',
      'http://127.1',
      'http://0.0.0.0:1',
    ].every(isLoopback),
  ).toBe(true)
  expect(
    ['http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'http://10.0.0.1'].some(isLoopback),
  ).toBe(false)
})
