import { expect, test } from 'vitest'
import { goldenComplaint, trialRows } from '../../../../src/domain/serving/golden-check.js'
import { COLUMNS } from '../../../helpers/served-columns.js'

const golden = { columns: ['contract', 'tenure', 'charges'], rows: [['year', 1, null]], probabilities: [0.5] }
const none = { columns: [], rows: [], probabilities: [] }
const answer = { label: 1, probability: 0.5, threshold: 0.5 }

test('stored rows are asked in the order of the columns; without them one row is made up', () => {
  expect(trialRows(COLUMNS, golden)).toEqual([[1, null, 'year']])
  expect(trialRows(COLUMNS, none)).toEqual([[1, 1, 'month']])
})

test.each([
  ['the same', golden, [answer], null],
  ['a last digit of another library', golden, [{ ...answer, probability: 0.5 + 1e-12 }], null],
  [
    'labels alone, of a version that stored nothing',
    none,
    [{ label: 1, probability: null, threshold: null }],
    null,
  ],
  [
    'labels alone, of one that stored probabilities',
    golden,
    [{ label: 1, probability: null, threshold: null }],
    'otherwise',
  ],
  ['another probability', golden, [{ ...answer, probability: 0.51 }], 'answers 1 of 1 stored rows otherwise'],
  ['a label that does not fit', golden, [{ ...answer, label: 0 }], 'no labels and probabilities'],
  [
    'a probability that is none',
    golden,
    [{ ...answer, probability: Number.NaN }],
    'no labels and probabilities',
  ],
  ['too many', golden, [answer, answer], '2 answers to 1 rows'],
  ['none', none, [], '0 answers to 1 rows'],
])('%s', (_name, stored, answers, complaint) => {
  const found = goldenComplaint(stored, answers)
  if (complaint === null) expect(found).toBeNull()
  else expect(found).toContain(complaint)
})
