import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { PythonProcess } from '../../src/bridge/python-process.js'
import type { Progress } from '../../src/domain/progress.js'
import { startPython } from '../helpers/bridge.js'

let python: PythonProcess

beforeAll(async () => {
  python = await startPython()
})

afterAll(() => python.dispose())

describe('a value that crosses comes back as it was', () => {
  const values: [string, unknown][] = [
    ['null', null],
    ['numbers, also near the limits', [0, -1, 0.1, 1e-7, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE, 1.7e308]],
    ['booleans', [true, false]],
    ['an empty string and object and list', ['', {}, []]],
    ['quotes, backslashes and control characters', '"\\\b\f\n\r\t\u0000\u001f\u007f'],
    ['line and paragraph separators', 'one\u2028two\u2029three\u0085four\vfive\ffsix'],
    ['emoji, accents and right-to-left text', 'naïve 👩‍👩‍👧 שלום 中文'],
    ['lone surrogates', ['\ud800', 'x\udc00y', '\udfff\ud800']],
    [
      'a key ffid, which pythonia takes for a reference',
      { ffid: 7, inner: { ffid: 'x', r: 1 }, list: [{ ffid: 0 }] },
    ],
    [
      'names that mean something to pythonia',
      { r: 1, c: 'jsi', action: 'free', key: 'error', $timeout: 1, __proto__x: 2 },
    ],
    [
      'an integer over 2^53 as a string',
      { id: '9007199254740993', longer: '123456789012345678901234567890' },
    ],
  ]
  test.each(values)('%s', async (_name, value) => {
    expect(await python.call('echo', { value }, z.object({ value: z.unknown() }))).toEqual({ value })
  })

  test('a string of ten million characters', async () => {
    const value = 'ä\u2028"\\x'.repeat(2_000_000)
    const back = await python.call('echo', value, z.string())
    expect(back.length).toBe(value.length)
    expect(back === value).toBe(true)
  })
})

test('what a JavaScript number cannot hold arrives as null or as a string, at any depth', async () => {
  expect(await python.call('odd_numbers', {}, z.unknown())).toEqual({
    nan: null,
    infinities: [null, null],
    nested: { deep: [{ nan: null }] },
    large: '9007199254740993',
    largest_safe: 9007199254740991,
    negative: '-9223372036854775808',
    flag: true,
  })
})

test('progress arrives in order, all of it before the answer', async () => {
  const seen: Progress[] = []
  await python.call('count', { total: 50 }, z.object({ total: z.number() }), {
    onProgress: (progress) => seen.push(progress),
  })
  expect(seen.map((progress) => progress.done)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
  expect(seen[9]).toEqual({ phase: 'count', done: 10, total: 50, text: 'step 10' })
})

test('progress from several threads does not mix up the channel', async () => {
  let seen = 0
  await python.call('count_in_threads', { total: 200, threads: 4 }, z.object({ total: z.literal(800) }), {
    onProgress: () => {
      seen += 1
    },
  })
  expect(seen).toBe(800)
})

test('a progress receiver that throws does not harm the work', async () => {
  const answer = await python.call('count', { total: 3 }, z.object({ total: z.number() }), {
    onProgress: () => {
      throw new Error('a bar that cannot be drawn')
    },
  })
  expect(answer).toEqual({ total: 3 })
})

test('calls made at once are answered one after the other', async () => {
  const order: string[] = []
  const calls = ['first', 'second', 'third'].map(async (name) => {
    await python.call('count', { total: 5 }, z.unknown(), { onProgress: () => order.push(name) })
    order.push(`${name} answered`)
  })
  await Promise.all(calls)
  const block = (name: string): string[] => [...Array<string>(5).fill(name), `${name} answered`]
  expect(order).toEqual([...block('first'), ...block('second'), ...block('third')])
})

test('the interpreter gets our variables and none that would change what it imports', async () => {
  process.env.PYTHONPATH = '/nowhere'
  const other = await startPython('entry.py', { CHURN_OPS_MARK: 'set' })
  const seen = await other.call('environment', {}, z.record(z.string(), z.string()))
  await other.dispose()
  expect(seen).toMatchObject({ CHURN_OPS_MARK: 'set', CHURN_OPS_PARENT_PID: String(process.pid) })
  expect(seen).not.toHaveProperty('PYTHONPATH')
  expect(process.env).toMatchObject({ PYTHONPATH: '/nowhere' })
  expect(process.env).not.toHaveProperty('CHURN_OPS_MARK')
  delete process.env.PYTHONPATH
})
