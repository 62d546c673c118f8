import { describe, expect, test } from 'vitest'
import type { ColumnScore } from '../../../../src/domain/drift/drift-report.js'
import {
  documentsLimits,
  exitOfVerdict,
  judgeDrift,
  MINIMUM_ROWS,
  tooFewRows,
} from '../../../../src/domain/drift/drift-verdict.js'

const limits = documentsLimits({ share: 0.5, count: 2, columnThreshold: 0.1 })

/** Columns: `D` drifted, `.` not, `?` could not be compared. */
function columns(pattern: string): ColumnScore[] {
  return [...pattern].map((mark, index) => ({
    name: `column ${index}`,
    method: 'wasserstein',
    score: mark === '?' ? null : mark === 'D' ? 0.3 : 0.01,
  }))
}

describe("the documents' rule", () => {
  test('names normed Wasserstein and Jensen-Shannon at 0.1', () => {
    expect(limits).toEqual({
      share: 0.5,
      count: 2,
      numberMethod: 'wasserstein',
      categoryMethod: 'jensenshannon',
      columnThreshold: 0.1,
    })
  })

  test.each([
    ['..........', 'healthy'],
    ['DD........', 'healthy'],
    ['DDD.......', 'drift'],
    ['DD..', 'healthy'],
    ['DD.', 'drift'],
    ['D', 'drift'],
  ])('finds %s %s: more than two, or more than half', (pattern, verdict) => {
    expect(judgeDrift(columns(pattern), limits).verdict).toBe(verdict)
  })

  test('takes both limits as they are configured', () => {
    const strict = documentsLimits({ share: 0.5, count: 0, columnThreshold: 0.1 })
    const lax = documentsLimits({ share: 1, count: 20, columnThreshold: 0.1 })
    expect(judgeDrift(columns('D.........'), strict).verdict).toBe('drift')
    expect(judgeDrift(columns('DDDDDDDDDD'), lax).verdict).toBe('healthy')
  })

  test('calls a column drifted from the configured score on, and never one without a score', () => {
    const scores = [0.0999, 0.1, 0.3, null].map((score, index) => ({ name: `${index}`, method: 'm', score }))
    const drifted = (columnThreshold: number) =>
      judgeDrift(scores, { ...limits, columnThreshold }).columns.map((column) => column.drifted)
    expect(drifted(0.1)).toEqual([false, true, true, false])
    expect(drifted(0.2)).toEqual([false, false, true, false])
    expect(judgeDrift(scores, limits).columns[1]).toEqual({
      name: '1',
      method: 'm',
      score: 0.1,
      threshold: 0.1,
      drifted: true,
    })
  })

  test('counts the share among columns that could be judged', () => {
    const judged = judgeDrift(columns('D.??'), limits)
    expect(judged).toMatchObject({ driftedCount: 1, driftedShare: 0.5, verdict: 'healthy' })
    expect(judgeDrift(columns('D????'), limits).verdict).toBe('drift')
  })

  test('never calls a window healthy of which nothing could be judged', () => {
    expect(judgeDrift(columns('???'), limits)).toMatchObject({
      verdict: 'not-enough-data',
      driftedShare: null,
    })
  })
})

describe('a small window', () => {
  test('is not judged below the minimum', () => {
    expect(tooFewRows(MINIMUM_ROWS - 1)?.verdict).toBe('not-enough-data')
    expect(tooFewRows(MINIMUM_ROWS)).toBeNull()
  })
})

describe('the exit code', () => {
  test.each([
    ['healthy', false, 0],
    ['drift', false, 4],
    ['drift', true, 0],
    ['not-enough-data', false, 9],
  ] as const)('of %s, better model live %s, is %i', (verdict, live, code) => {
    expect(exitOfVerdict(verdict, live)).toBe(code)
  })
})
