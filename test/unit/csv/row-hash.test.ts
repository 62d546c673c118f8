import { describe, expect, it } from 'vitest'
import { rowHash } from '../../../src/csv/row-hash.js'

describe('rowHash', () => {
  it('is equal for equal fields alone, and a whole number below 2^48', () => {
    expect(rowHash(['a', 'b'])).toBe(rowHash(['a', 'b']))
    expect(rowHash(['a', 'b'])).not.toBe(rowHash(['ab', '']))
    expect(rowHash(['a', 'b'])).not.toBe(rowHash(['b', 'a']))
    expect(Number.isInteger(rowHash(['x']))).toBe(true)
    expect(rowHash(['x'])).toBeLessThan(2 ** 48)
  })
})
