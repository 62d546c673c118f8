import { describe, expect, it } from 'vitest'
import { challengerOf, latestSearch } from '../../../../src/domain/promotion/challenger.js'
import type { GateResult, PairedComparison } from '../../../../src/domain/promotion/gate.js'
import { countEvaluations, isRecorded } from '../../../../src/domain/promotion/gate-evaluations.js'
import {
  type GatedFacts,
  planGated,
  whyNotTheHighest,
} from '../../../../src/domain/promotion/gated-policy.js'
import { policyRules } from '../../../../src/domain/promotion/policy.js'
import { planByDocuments } from '../../../../src/domain/promotion/promotion-policy.js'
import type { ModelVersion } from '../../../../src/domain/registry/model-version.js'
import { version } from '../../../helpers/versions.js'

const rules = policyRules.parse({})

function gate(facts: Partial<GateResult> = {}): GateResult {
  return {
    outcome: 'better',
    promotes: true,
    reason: 'better',
    gate: 'superior',
    metric: 'f1',
    margin: 0,
    champion: { version: '1', score: 0.6 },
    challenger: { version: '2', score: 0.65 },
    difference: 0.05,
    low: 0.02,
    interval: [0.01, 0.09],
    smallestVisible: 0.03,
    rows: 1409,
    churners: 373,
    customers: 1409,
    churnedCustomers: 373,
    power: null,
    dropped: 0,
    rowsSha256: 'rows',
    source: 'held-out',
    ...facts,
  }
}

function against(interval: [number, number], facts: Partial<PairedComparison> = {}): PairedComparison {
  const scores = { baseline: 0.6, candidate: 0.6, difference: 0 }
  const comparison = { ...scores, low: interval[0], interval, standardError: 0.01 }
  const counts = { rows: 1409, churners: 373, customers: 1409, churnedCustomers: 373, dropped: 0 }
  return { ...counts, rowsSha256: 'rows', comparison, ...facts }
}

function facts(versions: ModelVersion[], more: Partial<GatedFacts> = {}): GatedFacts {
  const ranked = latestSearch(versions)
  return {
    versions,
    ranked,
    champion: null,
    challenger: challengerOf(ranked, []),
    gate: null,
    compared: new Map(),
    allowed: [],
    policy: 'gated',
    rules,
    ...more,
  }
}

const stages = (plan: ReturnType<typeof planGated>): Record<string, string> =>
  Object.fromEntries(plan.moves.map((move) => [move.version, move.to]))

describe('the challenger', () => {
  it('is the best f1_oof of the last search that ran, whoever made its versions and whatever is newer', () => {
    const versions = [
      version(1, { f1Oof: 0.9, parentRunId: 'old', inLatestSearch: false }),
      version(2, { f1Oof: 0.6, parentRunId: 'old' }),
      version(3, { f1Oof: 0.62, parentRunId: 'last' }),
      version(4, { f1Oof: null, parentRunId: null }),
      version(5, { f1Oof: 0.95, parentRunId: 'cut off', inLatestSearch: false }),
      version(6, { f1Oof: 0.62, parentRunId: 'last' }),
    ]
    expect(latestSearch(versions).map((each) => each.version)).toEqual(['3', '6', '2'])
    expect(challengerOf(latestSearch(versions), [])?.version).toBe('3')
  })

  it('is never one that was rolled back, unless somebody allows it', () => {
    const rolledBack = version(1, { f1Oof: 0.7, rolledBackAt: '2026-01-02T00:00:00Z' })
    const ranked = latestSearch([rolledBack, version(2, { f1Oof: 0.6 })])
    expect(challengerOf(ranked, [])?.version).toBe('2')
    expect(challengerOf(ranked, ['1'])?.version).toBe('1')
    expect(challengerOf([rolledBack], [])).toBeNull()
  })
})

describe('the gated policy', () => {
  it('puts the best f1_oof live when there is no champion, and says why the highest test F1 is not', () => {
    const best = version(1, { f1: 0.62, f1Oof: 0.64 })
    const lucky = version(2, { f1: 0.66, f1Oof: 0.6 })
    const found = facts([best, lucky])
    const plan = planGated(found, best)
    expect(stages(plan)).toEqual({ 1: 'Production', 2: 'Staging' })
    expect(plan.champion).toEqual({ version: '1', f1: 0.62, previous: null })
    expect(plan.moves[0]).toMatchObject({ rankedBy: 'f1_oof', rank: 1 })
    expect(whyNotTheHighest(found, best)).toContain('Version 2 has the highest test F1 (0.6600')
    expect(whyNotTheHighest(facts([best]), best)).toBeNull()
  })

  it('archives what is under the floor or worse beyond doubt, and stages the rest', () => {
    const live = version(1, { f1: 0.65, f1Oof: 0.65, stage: 'Production', aliases: ['champion'] })
    const versions = [
      live,
      version(2, { f1: 0.56 }),
      version(3, { f1: 0.6 }),
      version(4, { f1: 0.6 }),
      version(5, { f1: 0.6 }),
      version(6, { f1: 0.6 }),
      version(7, { f1: null }),
      version(8, { f1: 0.7, stage: 'Archived', reason: 'by hand' }),
    ]
    const compared = new Map<string, PairedComparison | { problem: string }>([
      ['3', against([-0.05, -0.001])],
      ['4', against([-0.05, 0.001])],
      ['5', against([-0.09, -0.02], { churnedCustomers: 80 })],
      ['6', { problem: 'its files are gone' }],
    ])
    const plan = planGated(facts(versions, { champion: live, compared }), live)
    expect(stages(plan)).toEqual({
      1: 'Production',
      2: 'Archived',
      3: 'Archived',
      4: 'Staging',
      5: 'Staging',
      6: 'Archived',
      7: 'None',
      8: 'Archived',
    })
    expect(plan.moves[7]?.reason).toBe('by hand')
    for (const move of plan.moves) expect(move.reason).not.toBe('')
  })

  it('replaces the champion by the gate, and the former one becomes previous', () => {
    const champion = version(1, { stage: 'Production', aliases: ['champion'], inLatestSearch: false })
    const challenger = version(2, { f1Oof: 0.65 })
    const compared = new Map([['1', against([-0.09, -0.01])]])
    const plan = planGated(facts([champion, challenger], { champion, gate: gate(), compared }), challenger)
    expect(stages(plan)).toEqual({ 1: 'Archived', 2: 'Production' })
    expect(plan).toMatchObject({ holder: '1', champion: { version: '2', previous: '1' } })
    expect(plan.moves[1]?.reason).toBe('better')
  })

  it('moves nothing at all when there is not enough data', () => {
    const champion = version(1, { stage: 'Production', aliases: ['champion'] })
    const versions = [champion, version(2, { f1Oof: 0.65, f1: 0.2 }), version(3)]
    const held = gate({ outcome: 'not-enough-data', promotes: false })
    const plan = planGated(facts(versions, { champion, gate: held }), champion)
    expect(stages(plan)).toEqual({ 1: 'Production', 2: 'None', 3: 'None' })
  })

  it('archives a rolled-back version, and keeps the reason of a champion that stays', () => {
    const champion = version(1, { stage: 'Production', aliases: ['champion'], reason: 'as written' })
    const back = version(2, { f1Oof: 0.7, f1: 0.7, rolledBackAt: '2026-01-02T03:04:05Z' })
    const plan = planGated(facts([champion, back], { champion }), champion)
    expect(plan.moves.map(({ to, reason }) => [to, reason])).toEqual([
      ['Production', 'as written'],
      ['Archived', 'rolled back on 2026-01-02; promoted again only with --allow 2'],
    ])
  })
})

describe("the documents' rule after a rollback", () => {
  it('passes over the version that was rolled back until somebody allows it', () => {
    const versions = [version(1, { f1: 0.6 }), version(2, { f1: 0.7, rolledBackAt: '2026-01-02T00:00:00Z' })]
    expect(planByDocuments(versions, 'M').champion.version).toBe('1')
    expect(planByDocuments(versions, 'M', ['2']).champion.version).toBe('2')
  })
})

describe('looks', () => {
  const look = gate({ outcome: 'tie', promotes: false })

  it('are counted by set of rows and pair, so that the same look twice is one', () => {
    const versions = [
      version(2, { looks: [look] }),
      version(3, { looks: [gate({ challenger: { version: '3', score: 0.6 } })] }),
      version(4, { looks: [gate({ challenger: { version: '4', score: 0.6 }, rowsSha256: 'others' })] }),
    ]
    expect(countEvaluations(versions, look)).toBe(2)
    expect(countEvaluations(versions, gate({ challenger: { version: '9', score: 0.6 } }))).toBe(3)
  })

  it('are recorded once, and again when the rules change', () => {
    const versions = [version(2, { looks: [look] })]
    expect(isRecorded(versions, look)).toBe(true)
    expect(isRecorded(versions, { ...look, margin: 0.01 })).toBe(false)
    expect(isRecorded([version(2)], look)).toBe(false)
  })
})
