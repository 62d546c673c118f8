import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { decodeAnswer, decodeProgress, encodeRequest } from '../../../src/bridge/wire.js'
import { PROTOCOL } from '../../../src/contract/constants.js'
import { ChurnOpsError } from '../../../src/errors.js'

const shape = z.object({ total: z.number() })
const failure = (code: string): string =>
  JSON.stringify({
    protocol: PROTOCOL,
    ok: false,
    error: { code, message: 'm', hint: 'h', details: { a: 1 } },
  })

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('expected it to throw')
}

test('a request is one string with protocol, method and payload', () => {
  const request = encodeRequest('train', { rows: 3 })
  expect(JSON.parse(request)).toEqual({ protocol: PROTOCOL, method: 'train', payload: { rows: 3 } })
})

describe('an answer', () => {
  test('that is ok and fits gives its result', () => {
    const answer = JSON.stringify({ protocol: PROTOCOL, ok: true, result: { total: 3, more: true } })
    expect(decodeAnswer(answer, 'count', shape)).toEqual({ total: 3 })
  })

  test('that quotes the address of a store is told without its password', () => {
    const quoted = failure('STORE_UNREACHABLE').replace('"m"', '"no answer from http://me:secret@host/api"')
    const error = thrownBy(() => decodeAnswer(quoted, 'count', shape))
    expect(error).toMatchObject({ message: 'no answer from http://me:***@host/api' })
  })

  test('that names a code of the table keeps it', () => {
    const error = thrownBy(() => decodeAnswer(failure('STORE_UNREACHABLE'), 'count', shape))
    expect(error).toBeInstanceOf(ChurnOpsError)
    expect(error).toMatchObject({
      code: 'STORE_UNREACHABLE',
      exitCode: 7,
      message: 'm',
      hint: 'h',
      details: { a: 1 },
    })
  })

  test.each(['NO_SUCH_CODE', 'toString', ''])(
    'that names the unknown code "%s" is a PYTHON_ERROR',
    (code) => {
      expect(thrownBy(() => decodeAnswer(failure(code), 'count', shape))).toMatchObject({
        code: 'PYTHON_ERROR',
      })
    },
  )

  test.each([
    ['undefined', undefined],
    ['a number', 4],
    ['no JSON', '{'],
    ['another protocol', JSON.stringify({ protocol: PROTOCOL + 1, ok: true, result: { total: 1 } })],
    ['no ok', JSON.stringify({ protocol: PROTOCOL, result: { total: 1 } })],
    ['a result of another shape', JSON.stringify({ protocol: PROTOCOL, ok: true, result: { total: null } })],
  ])('that is %s is a broken protocol and names the method', (_name, answer) => {
    expect(thrownBy(() => decodeAnswer(answer, 'count', shape))).toMatchObject({
      code: 'BRIDGE_PROTOCOL',
      message: expect.stringContaining('count'),
    })
  })
})

test('progress is read when it is whole, and is null otherwise', () => {
  const whole = { phase: 'fit', done: 1, total: 9, text: 'RF_50_10_2' }
  expect(decodeProgress(JSON.stringify(whole))).toEqual(whole)
  expect(decodeProgress(JSON.stringify({ ...whole, done: 'one' }))).toBeNull()
  expect(decodeProgress(whole)).toBeNull()
})
