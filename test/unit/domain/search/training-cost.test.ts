import { describe, expect, it } from 'vitest'
import { estimateTraining } from '../../../../src/domain/search/training-cost.js'

const candidates = (trees: number[]) =>
  trees.map((count) => ({
    name: `RF_${count}`,
    estimator: 'forest' as const,
    params: { n_estimators: count, max_depth: 10 },
  }))

describe('the estimate of a training', () => {
  it('counts one fit for candidates that differ in their trees alone, and every saved tree', () => {
    const both = estimateTraining(candidates([50, 200]), 5_634, 1)
    const large = estimateTraining(candidates([200]), 5_634, 1)
    expect(both.seconds - large.seconds).toBeCloseTo(0.15)
    expect(both.bytes / large.bytes).toBeCloseTo(250 / 200)
  })

  it('grows with n log n of the rows', () => {
    const fixed = estimateTraining([], 10, 1).seconds
    const work = (rows: number): number =>
      estimateTraining(candidates([1000]), rows, 1).seconds - fixed - 0.15
    expect(work(100_000) / work(10_000)).toBeCloseTo((10 * Math.log2(100_000)) / Math.log2(10_000))
  })
})
