import { describe, expect, it } from 'vitest'
import { rowHash } from '../../../src/csv/row-hash.js'

const hash = (...fields: string[]): number => rowHash(fields, [...fields.keys()], (field) => field.trim())

describe('rowHash', () => {
  it('is equal for equal fields alone, and a whole number below 2^48', () => {
    expect(hash('a', 'b')).toBe(hash('a', ' b '))
    expect(hash('a', 'b')).not.toBe(hash('ab', ''))
    expect(hash('a', 'b')).not.toBe(hash('b', 'a'))
    expect(Number.isInteger(hash('x'))).toBe(true)
    expect(hash('x')).toBeLessThan(2 ** 48)
  })

  it('looks at the places that are asked for alone', () => {
    expect(rowHash(['a', 'b', 'c'], [0, 2], String)).toBe(rowHash(['a', 'x', 'c'], [0, 2], String))
  })

  it('takes a million rows that differ in one digit for as many, and spreads them over every part', () => {
    const hashes = new Set(
      Array.from({ length: 1_000_000 }, (_, row) => hash('Female', String(row), '29.85')),
    )
    expect(hashes.size).toBe(1_000_000)
    const sampled = [...hashes].filter((each) => each % 8 === 0).length
    expect(Math.abs(sampled / 125_000 - 1)).toBeLessThan(0.02)
  })
})
