import { describe, expect, test } from 'vitest'
import { parseStrictJson } from '../../../../src/domain/serving/strict-json.js'

const read = (text: string) => parseStrictJson(new TextEncoder().encode(text))
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

describe('a document that means one thing', () => {
  test.each([
    '{"a":[1,-2.5e3,"x\\"{[,:","\\u00e9"],"b":{"a":null,"c":true}}',
    '[{"a":1},{"a":1}]',
    '{"a":"a","b":"a"}',
    '{"":0," ":0}',
    '{"a":{"b":1},"b":2}',
    '["\\\\","\\\\\\""]',
    '9007199254740992',
    '0.1000000000000000055',
    '1e308',
    'null',
    nested(32),
  ])('%s is read as JSON.parse reads it', (text) => {
    expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) })
  })

  test('a byte order mark is no part of it', () => {
    expect(read('\ufeff{"a":1}')).toEqual({ ok: true, value: { a: 1 } })
  })
})

describe('refused without a word of what was sent', () => {
  test.each([
    ['', 'not JSON'],
    ['{"a":NaN}', 'not JSON'],
    ['[Infinity]', 'not JSON'],
    ["{'secret':1}", 'not JSON'],
    ['{"secret":1,}', 'not JSON'],
    ['{"secret":1,"secret":2}', 'the same key twice'],
    ['{"secret":1,"b":[{}],"s\\u0065cret":2}', 'the same key twice'],
    ['[{"b":{"secret":1,"secret":1}}]', 'the same key twice'],
    ['[1e999]', 'a double can hold'],
    ['[-1E+999]', 'a double can hold'],
    [`[${'9'.repeat(400)}]`, 'a double can hold'],
    ['[9007199254740993]', 'a double can hold'],
    ['["\\ud800"]', 'surrogate'],
    [nested(33), 'deeper than 32'],
    [nested(200_000), 'deeper than 32'],
    [`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 'deeper than 32'],
  ])('%s', (text, problem) => {
    const found = read(text)
    expect(found).toEqual({ ok: false, problem: expect.stringContaining(problem) })
    expect(JSON.stringify(found)).not.toContain('secret')
  })

  test.each([[[0xff]], [[0x22, 0xc3, 0x28, 0x22]], [[0xed, 0xa0, 0x80]]])('bytes %j', (bytes) => {
    expect(parseStrictJson(new Uint8Array(bytes))).toEqual({
      ok: false,
      problem: 'the body is not UTF-8 text',
    })
  })
})
