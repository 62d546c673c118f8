import { describe, expect, it } from 'vitest'
import { planByDocuments } from '../../../../src/domain/promotion/promotion-policy.js'
import { version } from '../../../helpers/versions.js'

const stages = (plan: ReturnType<typeof planByDocuments>): Record<string, string> =>
  Object.fromEntries(plan.moves.map((move) => [move.version, move.to]))

describe("the documents' rule", () => {
  it('moves F1 strictly over 0.56 to Staging, the rest to Archived, the highest to Production', () => {
    const plan = planByDocuments(
      [
        version(1, { f1: 0.56 }),
        version(2, { f1: 0.5601 }),
        version(3, { f1: 0.61 }),
        version(4, { f1: 0.2 }),
      ],
      'M',
    )
    expect(stages(plan)).toEqual({ 1: 'Archived', 2: 'Staging', 3: 'Production', 4: 'Archived' })
    expect(plan.champion).toEqual({ version: '3', f1: 0.61, previous: null })
    expect(plan.moves.map((move) => move.rank)).toEqual([3, 2, 1, 4])
  })

  it('puts the highest into Production even when it is not over the floor', () => {
    expect(stages(planByDocuments([version(1, { f1: 0.3 }), version(2, { f1: 0.2 })], 'M'))).toEqual({
      1: 'Production',
      2: 'Archived',
    })
  })

  it('never takes a version without F1 for one with F1 zero', () => {
    const plan = planByDocuments([version(1, { f1: null }), version(2, { f1: 0 })], 'M')
    expect(stages(plan)).toEqual({ 1: 'None', 2: 'Production' })
    expect(plan.moves[0]).toMatchObject({ f1: null, rank: null })
    expect(plan.moves[0]?.reason).toContain('not measured')
  })

  it('lets an unmeasured champion go when a measured version is there', () => {
    const versions = [version(1, { f1: null, stage: 'Production', aliases: ['champion'] }), version(2)]
    const plan = planByDocuments(versions, 'M')
    expect(stages(plan)).toEqual({ 1: 'Archived', 2: 'Production' })
    expect(plan).toMatchObject({ holder: '1', champion: { version: '2', previous: '1' } })
  })

  it('keeps the champion when another version is equal, else takes the older one', () => {
    const champion = version(2, { stage: 'Production', aliases: ['champion'] })
    expect(planByDocuments([version(1), champion, version(3)], 'M').champion.version).toBe('2')
    expect(planByDocuments([version(10), version(9)], 'M').champion.version).toBe('9')
  })

  it('plans exactly one Production when the stages of two say so', () => {
    const versions = [version(1, { stage: 'Production' }), version(2, { stage: 'Production', f1: 0.7 })]
    expect(
      Object.values(stages(planByDocuments(versions, 'M'))).filter((to) => to === 'Production'),
    ).toHaveLength(1)
  })

  it('refuses a model without versions and one without any measured version', () => {
    expect(() => planByDocuments([], 'M')).toThrow(expect.objectContaining({ code: 'NO_VERSIONS' }))
    expect(() => planByDocuments([version(1, { f1: null })], 'M')).toThrow(
      expect.objectContaining({ code: 'NO_MEASURED_VERSION' }),
    )
  })
})
