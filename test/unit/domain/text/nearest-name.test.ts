import { expect, it } from 'vitest'
import { nearestName } from '../../../../src/domain/text/nearest-name.js'

it.each([
  ['trian', ['train', 'promote'], 'train'],
  ['YES', ['Yes', 'No'], 'Yes'],
  ['Fibre optic', ['DSL', 'Fiber optic', 'No'], 'Fiber optic'],
  ['1', ['Yes', 'No'], null],
  ['something else', ['train', 'promote'], null],
  ['', ['No'], null],
  ['x', [], null],
])('takes %j among %j for %j', (written, names, nearest) => {
  expect(nearestName(written, names)).toBe(nearest)
})
