import { expect, test } from 'vitest'
import { versionNumber } from '../../../../src/domain/registry/version-number.js'

test.each([
  ['7', '7'],
  ['v12', '12'],
  [' 007 ', '7'],
])('%j is a version', (text, number) => {
  expect(versionNumber(text)).toBe(number)
})

test.each(['', '0', '-1', '1.5', 'seven', 'v', '99999999999', '1; drop'])('%j is none', (text) => {
  expect(() => versionNumber(text)).toThrow(expect.objectContaining({ code: 'USAGE' }))
})
