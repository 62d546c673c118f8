import { describe, expect, it } from 'vitest'
import { renderMended } from '../../../../src/cli/render/environment.js'
import type { Finding } from '../../../../src/contract/upkeep.js'
import { invariantRows } from '../../../../src/usecases/upkeep/invariant-rows.js'

const well = (number: number): Finding => ({
  invariant: `I${number}`,
  ok: true,
  message: `all well with ${number}`,
  subjects: [],
  code: null,
})
const whole = [1, 2, 3, 4, 5, 6, 7, 8].map(well)

describe('the rows of doctor on the store', () => {
  it('are one an invariant, the database first; stages have a row elsewhere', () => {
    const rows = invariantRows('M', whole, [])
    expect(rows.map(({ name }) => name)).toEqual([
      'database',
      'champion of M',
      'files of M',
      'duplicates of M',
      'runs',
      'unfinished work',
      'leftovers',
    ])
    expect(rows.every(({ ok, cure, code }) => ok && cure === null && code === null)).toBe(true)
  })

  it('are the place of the files alone where that is another one', () => {
    const moved: Finding = { ...well(10), ok: false, message: 'elsewhere', code: 'STORE_MOVED' }
    expect(invariantRows('M', [moved], [])).toEqual([
      {
        name: 'location of the files',
        ok: false,
        message: 'elsewhere',
        cure: 'churn-ops doctor --relocate',
        code: 'STORE_MOVED',
      },
    ])
  })

  it('fail with the code and a cure, and tell only what is wrong', () => {
    const broken: Finding = {
      ...well(1),
      ok: false,
      message: 'model.skops of version 2 is missing',
      subjects: ['2'],
      code: 'MODEL_INTEGRITY',
    }
    const note = { ...well(1), message: 'one is older', subjects: ['1'] }
    const row = invariantRows('M', [broken, note, ...whole.slice(1)], []).find(
      ({ name }) => name === 'files of M',
    )
    expect(row).toMatchObject({ ok: false, message: broken.message, code: 'MODEL_INTEGRITY' })
    expect(row?.cure).toContain('backup')
  })

  it('are well when there is only something to know, which they tell', () => {
    const note = { ...well(6), message: 'a training was cut off', subjects: ['work'] }
    const row = invariantRows('M', [...whole, note], []).find(({ name }) => name === 'unfinished work')
    expect(row).toMatchObject({ ok: true, message: 'a training was cut off', cure: null })
  })

  it('leave a move that was cut off to the row on stages', () => {
    const others = whole.filter(({ invariant }) => invariant !== 'I6')
    const names = (versions: { unfinished: string[] }[]) =>
      invariantRows('M', others, versions).map(({ name }) => name)
    expect(names([{ unfinished: [] }])).toContain('unfinished work')
    expect(names([{ unfinished: [] }, { unfinished: ['2026-01-01T00:00:00.000Z'] }])).not.toContain(
      'unfinished work',
    )
  })
})

describe('what --fix says', () => {
  it('is each thing that was mended, or that nothing had to be', () => {
    expect(renderMended([])).toBe('Nothing had to be repaired.')
    expect(renderMended(['one', 'two']).split('\n')).toHaveLength(2)
  })
})
