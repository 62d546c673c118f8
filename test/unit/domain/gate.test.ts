import { describe, expect, it } from 'vitest'
import { decideGate, type PairedComparison } from '../../../src/domain/gate.js'
import { exitOfGate } from '../../../src/domain/gate-exit.js'
import { metricOf, policyRules } from '../../../src/domain/policy.js'

const rules = policyRules.parse({})
const pair = { champion: '1', challenger: '2', source: 'held-out' }

function compared(
  low: number,
  interval: [number, number],
  facts: Partial<PairedComparison> = {},
): PairedComparison {
  const difference = (interval[0] + interval[1]) / 2
  return {
    rows: 1409,
    churners: 373,
    dropped: 0,
    rowsSha256: 'ab',
    comparison: { baseline: 0.61, candidate: 0.61 + difference, difference, low, interval },
    ...facts,
  }
}

describe('the gate superior', () => {
  it('promotes only when the lower end is over the margin', () => {
    const better = decideGate(compared(0.004, [0.001, 0.06]), pair, rules)
    expect(better).toMatchObject({ outcome: 'better', promotes: true, champion: { score: 0.61 } })
    const strict = decideGate(compared(0.004, [0.001, 0.06]), pair, { ...rules, margin: 0.01 })
    expect(strict).toMatchObject({ outcome: 'tie', promotes: false, margin: 0.01 })
    expect(decideGate(compared(0, [-0.001, 0.06]), pair, rules).promotes).toBe(false)
  })

  it('calls noise a tie, which is a success, and tells the smallest difference it could have seen', () => {
    const tie = decideGate(compared(-0.01, [-0.013, 0.033]), pair, rules)
    expect(tie).toMatchObject({ outcome: 'tie', promotes: false })
    expect(tie.smallestVisible).toBeCloseTo(0.02)
    expect(tie.reason).toContain('tie: champion stays')
    expect(exitOfGate(tie)).toBe(0)
  })

  it('tells a worse challenger from a tie; the champion stays all the same', () => {
    const worse = decideGate(compared(-0.08, [-0.09, -0.01]), pair, rules)
    expect(worse).toMatchObject({ outcome: 'worse', promotes: false })
    expect(exitOfGate(worse)).toBe(0)
  })

  it('judges nothing on fewer than 300 churners, or on rows of one class', () => {
    const few = decideGate(compared(0.1, [0.08, 0.2], { churners: 299 }), pair, rules)
    expect(few).toMatchObject({ outcome: 'not-enough-data', promotes: false })
    expect(exitOfGate(few)).toBe(9)
    expect(decideGate(compared(0.1, [0.08, 0.2], { churners: 300 }), pair, rules).promotes).toBe(true)
    const none = decideGate(compared(0, [0, 0], { rows: 0, churners: 0, comparison: null }), pair, rules)
    expect(none).toMatchObject({ outcome: 'not-enough-data', difference: null, smallestVisible: null })
  })
})

describe('the gate not-worse', () => {
  const afterDrift = { ...rules, gate: 'not-worse' as const }

  it('promotes when the lower end is over minus the tolerance', () => {
    expect(decideGate(compared(-0.009, [-0.012, 0.03]), pair, afterDrift)).toMatchObject({
      outcome: 'not-worse',
      promotes: true,
    })
  })

  it('refuses otherwise, and the answer is no', () => {
    const refused = decideGate(compared(-0.011, [-0.02, 0.03]), pair, afterDrift)
    expect(refused).toMatchObject({ outcome: 'refused', promotes: false, margin: -0.01 })
    expect(exitOfGate(refused)).toBe(4)
  })
})

describe('a policy as data', () => {
  it('gives the metric what it needs', () => {
    expect(metricOf(rules)).toEqual({ kind: 'f1' })
    expect(metricOf(policyRules.parse({ metric: 'precision@capacity', capacity: 0.2 }))).toEqual({
      kind: 'precision@capacity',
      capacity: 0.2,
    })
    expect(metricOf(policyRules.parse({ metric: 'profit', profit: { value: 50, cost: 5 } }))).toEqual({
      kind: 'profit',
      value: 50,
      cost: 5,
    })
  })

  it('refuses keys and values that mean nothing', () => {
    for (const wrong of [{ flor: 0.5 }, { margin: -1 }, { metric: 'auc' }, { minChurners: 0 }])
      expect(policyRules.safeParse(wrong).success).toBe(false)
  })
})
