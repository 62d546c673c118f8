import { describe, expect, it } from 'vitest'
import { renderPromotion } from '../../../src/cli/render/promotion.js'
import type { PromotionMove } from '../../../src/domain/promotion/promotion-policy.js'
import type { PromoteResult } from '../../../src/usecases/registry/promote.js'

const move = (version: number, to: PromotionMove['to']): PromotionMove => ({
  version: String(version),
  from: 'None',
  to,
  reason: `a long reason of version ${version}`,
  f1: 0.6,
  rankedBy: 'f1_score',
  rank: version,
})

function promotion(plan: PromotionMove[]): PromoteResult {
  return {
    policy: 'documents',
    rules: null,
    plan,
    champion: { version: '5', f1: 0.649, previous: null },
    gate: null,
    skill: null,
    refusal: null,
    applied: true,
    changed: plan.length,
    notes: [],
  }
}

describe('the text of a promotion', () => {
  const many = Array.from({ length: 27 }, (_, at) => at + 1).map((version) =>
    move(version, version === 5 ? 'Production' : version > 14 ? 'Archived' : 'Staging'),
  )

  it('sums many moves up by stage', () => {
    const text = renderPromotion(promotion(many), 'Forest')
    expect(text).not.toContain('a long reason')
    expect(text.split('\n').slice(0, 6)).toEqual([
      'to          moves  versions',
      '----------  -----  ---------',
      'Archived       13  15–27',
      'Production      1  5',
      'Staging        13  1–4, 6–14',
      'Run it with --verbose for the reason of each move.',
    ])
    expect(text).toContain('Champion: version 5 of Forest, F1 0.6490.')
  })

  it('tells every reason when it is asked to, or when they are few', () => {
    expect(renderPromotion(promotion(many), 'Forest', { verbose: true })).toContain(
      'a long reason of version 27',
    )
    expect(renderPromotion(promotion(many.slice(0, 3)), 'Forest')).toContain('a long reason of version 3')
  })
})
