import { afterEach, expect, test, vi } from 'vitest'
import { createHostChecks } from '../../../src/environment/host-checks.js'
import { type HttpServer, startHttpServer } from '../../helpers/http-server.js'

let server: HttpServer
afterEach(async () => {
  vi.unstubAllEnvs()
  await server.close()
})

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

test.each([
  [
    'user and password',
    { MLFLOW_TRACKING_USERNAME: 'ann', MLFLOW_TRACKING_PASSWORD: 'p:w' },
    '',
    basic('ann:p:w'),
  ],
  ['a token', { MLFLOW_TRACKING_TOKEN: 'secret' }, '', 'Bearer secret'],
  ['the login in the URL before any other', { MLFLOW_TRACKING_TOKEN: 'secret' }, 'bob:pw@', basic('bob:pw')],
])('a tracking server behind a login is asked with %s', async (_name, variables, login, expected) => {
  server = await startHttpServer((_body, request, response) => {
    response.statusCode = request.headers.authorization === expected ? 200 : 401
    response.end('3.17.2')
  })
  for (const name of ['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD', 'MLFLOW_TRACKING_TOKEN'])
    vi.stubEnv(name, '')
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  const hostChecks = createHostChecks({
    trackingUri: server.url.replace('//', `//${login}`),
    stateFolder: '/nowhere',
  })
  const { check } = await hostChecks.store()
  expect(check).toMatchObject({ ok: true, message: expect.stringContaining('MLflow 3.17.2') })
  expect(check.message).not.toContain('pw')
})
