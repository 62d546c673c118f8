import { expect, test } from 'vitest'
import { balanceWarnings } from '../../../../src/domain/table/class-balance.js'

const schema = { target: { column: 'left', positive: 'yes', negative: 'no' } }

test('more than half of the rows positive asks whether the labels were exchanged', () => {
  expect(balanceWarnings({ no: 400, yes: 601 }, schema)).toEqual([
    '601 of 1,001 rows (60 %) have "yes" in left: is "yes" really the customer who left? If not, swap "positive" and "negative" in the schema.',
  ])
})

test('half or less, no labels and labels like names of objects are no question', () => {
  expect(balanceWarnings({ no: 10, yes: 10 }, schema)).toEqual([])
  expect(balanceWarnings({}, schema)).toEqual([])
  expect(balanceWarnings({}, { target: { ...schema.target, positive: 'constructor' } })).toEqual([])
})
