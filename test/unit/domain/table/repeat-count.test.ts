import { describe, expect, it } from 'vitest'
import { createRepeatCount, describeRepeats, NO_REPEATS } from '../../../../src/domain/table/repeat-count.js'

/** Spreads small numbers over 48 bits, as hashes are. */
const spread = (number: number): number => Number(BigInt.asUintN(48, BigInt(number) * 0x9e3779b97f4bn))

describe('createRepeatCount', () => {
  it('counts ids with several rows, and rows that are equal but for the id', () => {
    const count = createRepeatCount()
    const table: [number, number][] = [
      [1, 10],
      [1, 11],
      [2, 10],
      [3, 12],
      [3, 12],
      [3, 13],
      [4, 14],
    ]
    for (const [id, content] of table) count.add(id, content)
    expect(count.result()).toEqual({ ids: 2, rows: 5, doubles: 2, exact: true })
  })

  it('finds nothing in an empty table and counts no ids where there are none', () => {
    expect(createRepeatCount().result()).toEqual(NO_REPEATS)
    const count = createRepeatCount()
    for (const content of [1, 2, 2, 2]) count.add(null, content)
    expect(count.result()).toEqual({ ids: 0, rows: 0, doubles: 2, exact: true })
  })

  it('estimates within a few percent when it may not remember every customer', () => {
    const count = createRepeatCount(2_000)
    for (let id = 0; id < 60_000; id += 1) {
      count.add(spread(id), spread(id + 1_000_000))
      if (id % 3 === 0) count.add(spread(id), spread(id + 1_000_000))
    }
    const { ids, rows, doubles, exact } = count.result()
    expect(exact).toBe(false)
    for (const [found, true_] of [
      [ids, 20_000],
      [rows, 40_000],
      [doubles, 20_000],
    ] as const)
      expect(Math.abs(found / true_ - 1)).toBeLessThan(0.1)
  })
})

describe('describeRepeats', () => {
  it('says nothing of a table where nothing repeats, and "about" where it was estimated', () => {
    expect(describeRepeats(NO_REPEATS)).toEqual([])
    expect(describeRepeats({ ids: 2, rows: 5, doubles: 1, exact: true })).toEqual([
      '2 ids have several rows, 5 in total',
      '1 row is identical to an earlier one except for the id',
    ])
    expect(describeRepeats({ ids: 0, rows: 0, doubles: 4096, exact: false })).toEqual([
      'about 4,096 rows are identical to an earlier one except for the id',
    ])
  })
})
