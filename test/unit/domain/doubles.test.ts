import { expect, it } from 'vitest'
import { renderModels } from '../../../src/cli/render/models.js'
import { challengerOf, isEligible, latestSearch } from '../../../src/domain/promotion/challenger.js'
import { planByDocuments } from '../../../src/domain/promotion/promotion-policy.js'
import { rollbackTarget } from '../../../src/domain/registry/champion-history.js'
import { version } from '../../helpers/versions.js'

const original = version(1, { f1: 0.6, f1Oof: 0.6 })
const double = version(2, { f1: 0.7, f1Oof: 0.7, duplicateOf: '1' })

it('a double is Archived, neither ranked nor promoted, whatever its F1', () => {
  const plan = planByDocuments([original, double], 'M')
  expect(plan.champion.version).toBe('1')
  expect(plan.moves[0]).toMatchObject({ to: 'Production', rank: 1, reason: expect.stringContaining('of 1 ') })
  expect(plan.moves[1]).toMatchObject({ to: 'Archived', rank: null, reason: 'a duplicate of version 1' })
  const unmeasured = planByDocuments([original, { ...double, f1: null }], 'M')
  expect(unmeasured.moves[1]).toMatchObject({ to: 'Archived', reason: 'a duplicate of version 1' })
})

it('a double is no challenger, even when somebody allows it', () => {
  expect(latestSearch([original, double])).toEqual([original])
  expect(challengerOf([double, original], ['2'])).toBe(original)
  expect(isEligible(double, ['2'])).toBe(false)
})

it('nobody goes back to a double', () => {
  const entry = { actor: 'a', action: 'promote', from: 'None', to: 'Production', reason: '', policy: 'gated' }
  const entries = [
    { ...entry, at: '2026-01-01T00:00:00Z', version: '1', previous: null },
    { ...entry, at: '2026-01-02T00:00:00Z', version: '2', previous: '1' },
    { ...entry, at: '2026-01-03T00:00:00Z', version: '3', previous: '2' },
  ]
  expect(rollbackTarget(entries, [original, double, version(3)], '3')).toBe('1')
})

it('the table of versions tells which one a double doubles', () => {
  const text = renderModels([double], 'M', { wide: false, now: new Date('2026-01-03T00:00:00Z') })
  expect(text).toContain('double of 1')
})
