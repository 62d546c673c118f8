import { expect, test } from 'vitest'
import {
  endpointAnswer,
  endpointUnreachable,
  endpointUrl,
  portInUse,
  portNumber,
  shownUrl,
} from '../../../../src/domain/serving/endpoint.js'

test('an endpoint may be written with a last slash or with /invocations', () => {
  for (const written of [
    'http://h:8000',
    'http://h:8000/',
    'http://h:8000/invocations',
    'http://h:8000/invocations/',
  ]) {
    expect(endpointUrl(written)).toBe('http://h:8000')
  }
  expect(endpointUrl('https://h/models/churn/invocations')).toBe('https://h/models/churn')
})

test.each(['', 'localhost:8000', 'file:///etc/passwd', 'http://', 'not a url'])(
  '%j is no endpoint',
  (written) => {
    expect(() => endpointUrl(written)).toThrow(expect.objectContaining({ code: 'URL_INVALID', exitCode: 2 }))
  },
)

test('a password in a URL is never shown', () => {
  expect(shownUrl('http://ann:secret@h:8000')).toBe('http://h:8000')
  expect(JSON.stringify(endpointUnreachable('http://ann:secret@h', 'why').details)).not.toContain('secret')
})

test('an answer of MLflow that repeats the rows it was sent is told by its code alone', () => {
  const text = '{"error_code": "BAD_REQUEST", "message": "could not convert string to float: \'Ann Smith\'"}'
  const error = endpointAnswer('http://h', 400, 'refused to score', text)
  expect(error.message).toContain('BAD_REQUEST')
  expect(JSON.stringify([error.message, error.details])).not.toContain('Ann Smith')
})

test('a taken port names who holds it and another port', () => {
  const error = portInUse(8000, { pid: 12, program: 'nc' }, 'serve')
  expect(error).toMatchObject({
    code: 'PORT_IN_USE',
    exitCode: 5,
    hint: expect.stringContaining('--port 8001'),
  })
  expect(error.message).toContain('process 12 (nc)')
  expect(portInUse(80, { pid: null, program: null }, 'serve').message).toContain('that you cannot see')
})

test.each([-1, 65_536, 80.5, Number.NaN, '80', undefined])('%s is no port number', (written) => {
  expect(() => portNumber(written)).toThrow(expect.objectContaining({ code: 'USAGE' }))
})

test('a front of ours is quoted by row and column', () => {
  const message = 'row 2, column tenure: holds text where a number belongs'
  const text = JSON.stringify({ error_code: 'INVALID_PARAMETER_VALUE', message, problems: [{ row: 2 }] })
  expect(endpointAnswer('http://127.0.0.1:8000', 400, 'refused to score', text)).toMatchObject({
    code: 'ENDPOINT_REFUSED',
    message: expect.stringContaining(message),
  })
})
