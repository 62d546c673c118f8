import { expect, test } from 'vitest'
import { latestSearch } from '../../../../src/domain/promotion/challenger.js'
import { ranked, SEARCH_RANKING } from '../../../../src/domain/search/search-ranking.js'
import { bestCandidate, type Candidate } from '../../../../src/domain/search/training.js'
import { version } from '../../../helpers/versions.js'

// The same as in test_evidence.py, where Python orders the leaderboard by the same ranking.
const SEARCH = [
  { version: '10', f1Oof: 0.6 },
  { version: '2', f1Oof: 0.6 },
  { version: '1', f1Oof: 0.5 },
  { version: '4', f1Oof: null },
]
const ORDER = ['2', '10', '1', '4']

function candidate({ version, f1Oof }: (typeof SEARCH)[number]): Candidate {
  const metrics = f1Oof === null ? {} : { [SEARCH_RANKING.metric]: f1Oof }
  return {
    version,
    metrics,
    runId: '',
    name: '',
    estimator: 'forest',
    params: {},
    threshold: 0.5,
    reused: false,
  }
}

test('the best measured candidate is first, of equal ones the older version, without a measure the last', () => {
  expect(ranked(SEARCH, (each) => each).map((each) => each.version)).toEqual(ORDER)
})

test('the best of a training and the challenger of the gate are the same version', () => {
  const versions = SEARCH.map((each) => version(Number(each.version), { f1Oof: each.f1Oof }))
  expect(bestCandidate(SEARCH.map(candidate)).version).toBe('2')
  expect(latestSearch(versions).map((each) => each.version)).toEqual(['2', '10', '1'])
})

test('a search of which nothing was measured still has an order', () => {
  const unmeasured = ['3', '1', '2'].map((version) => ({ version, f1Oof: null }))
  expect(ranked(unmeasured, (each) => each).map((each) => each.version)).toEqual(['1', '2', '3'])
})
