import { describe, expect, it } from 'vitest'
import { ageOf, renderModels } from '../../../src/cli/render/models.js'
import { version } from '../../helpers/versions.js'

const now = new Date('2026-01-03T00:00:00Z')

describe('the table of versions', () => {
  const one = version(7, {
    aliases: ['champion'],
    f1Low: 0.57,
    f1High: 0.63,
    f1Oof: 0.61,
    dataSha256: 'abcdef0123456789',
    manifestSha256: null,
    reason: 'the best',
  })

  it('shows stage, aliases, F1 with interval, threshold, data and age', () => {
    const text = renderModels([one], 'M', { wide: false, now })
    for (const part of ['7', 'champion', '0.6000', '0.570 to 0.630', '0.300', 'abcdef01', '2 d'])
      expect(text).toContain(part)
    expect(text).not.toContain('the best')
  })

  it('shows the search, the run and the reason when it is wide', () => {
    const text = renderModels([one], 'M', { wide: true, now })
    for (const part of ['0.6100', 'search', 'run-7', 'the best']) expect(text).toContain(part)
  })

  it('tells the age in the largest whole unit', () => {
    expect([ageOf('2026-01-02T23:59:30Z', now), ageOf('2026-01-02T21:00:00Z', now)]).toEqual(['0 min', '3 h'])
    expect(ageOf('2026-01-04T00:00:00Z', now)).toBe('0 min')
  })
})
