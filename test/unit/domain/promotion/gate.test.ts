import { describe, expect, it } from 'vitest'
import { decideGate, type GateResult, type PairedComparison } from '../../../../src/domain/promotion/gate.js'
import { exitOfPromotion } from '../../../../src/domain/promotion/gate-exit.js'
import { metricOf, policyRules } from '../../../../src/domain/promotion/policy.js'

const rules = policyRules.parse({})
const pair = { champion: '1', challenger: '2', source: 'held-out' }

const exitOf = (gate: GateResult): number => exitOfPromotion({ gate, refusal: null })

function compared(
  low: number,
  interval: [number, number],
  facts: Partial<PairedComparison> = {},
): PairedComparison {
  const difference = (interval[0] + interval[1]) / 2
  return {
    rows: 1409,
    churners: 373,
    customers: 1409,
    churnedCustomers: 373,
    dropped: 0,
    rowsSha256: 'ab',
    comparison: {
      baseline: 0.61,
      candidate: 0.61 + difference,
      difference,
      low,
      interval,
      standardError: (difference - low) / 1.645,
    },
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
    expect(exitOf(tie)).toBe(0)
  })

  it('tells a worse challenger from a tie; the champion stays all the same', () => {
    const worse = decideGate(compared(-0.08, [-0.09, -0.01]), pair, rules)
    expect(worse).toMatchObject({ outcome: 'worse', promotes: false })
    expect(exitOf(worse)).toBe(0)
  })

  it('judges nothing on fewer than 300 churners, or on rows of one class', () => {
    const few = decideGate(compared(0.1, [0.08, 0.2], { churnedCustomers: 299 }), pair, rules)
    expect(few).toMatchObject({ outcome: 'not-enough-data', promotes: false })
    expect(exitOf(few)).toBe(9)
    expect(decideGate(compared(0.1, [0.08, 0.2], { churnedCustomers: 300 }), pair, rules).promotes).toBe(true)
    const none = decideGate(
      compared(0, [0, 0], { rows: 0, churners: 0, customers: 0, churnedCustomers: 0, comparison: null }),
      pair,
      rules,
    )
    expect(none).toMatchObject({ outcome: 'not-enough-data', difference: null, smallestVisible: null })
  })
})

describe('the unit of the gate', () => {
  it('is the customer: many rows of few churned customers are not enough', () => {
    const few = compared(0.1, [0.08, 0.2], { churners: 900, churnedCustomers: 299 })
    const gate = decideGate(few, pair, rules)
    expect(gate).toMatchObject({ outcome: 'not-enough-data', churners: 900, churnedCustomers: 299 })
    expect(gate.reason).toContain('299 churned customers (900 rows)')
  })
})

describe('the gate not-worse', () => {
  const afterDrift = { ...rules, gate: 'not-worse' as const }
  /** An equal-looking challenger with a half-width of the one-sided interval. */
  const equal = (halfWidth: number, at = 0): PairedComparison =>
    compared(at - halfWidth, [at - 1.96 * (halfWidth / 1.645), at + 1.96 * (halfWidth / 1.645)])

  it('promotes when the lower end is over minus the tolerance', () => {
    expect(decideGate(compared(-0.009, [-0.012, 0.03]), pair, afterDrift)).toMatchObject({
      outcome: 'not-worse',
      promotes: true,
    })
  })

  it('refuses a worse one, and the answer is no', () => {
    const refused = decideGate(equal(0.02, -0.03), pair, afterDrift)
    expect(refused).toMatchObject({ outcome: 'refused', promotes: false, margin: -0.01 })
    expect(exitOf(refused)).toBe(4)
  })

  it('refuses where an equal one would have passed with 80 %', () => {
    const refused = decideGate(equal(0.0066, -0.004), pair, afterDrift)
    expect(refused).toMatchObject({ outcome: 'refused', power: { isEnough: true } })
    expect(refused.power?.equalPasses).toBeGreaterThan(0.8)
  })

  it('has not enough data where an equal one would not have passed with 80 %, and tells how many are needed', () => {
    const held = decideGate(equal(0.02), pair, afterDrift)
    expect(held).toMatchObject({ outcome: 'not-enough-data', promotes: false, power: { isEnough: false } })
    expect(exitOf(held)).toBe(9)
    // (1.645 + 0.842) standard errors must fit into the tolerance.
    const { neededChurners, tolerance, equalPasses } = held.power ?? expect.fail('no power')
    expect(tolerance).toBeCloseTo((2.4866 / 1.645) * 0.02, 4)
    expect(neededChurners).toBe(Math.ceil(373 * (tolerance / 0.01) ** 2))
    expect(equalPasses).toBeCloseTo(0.205, 2)
    expect(held.reason).toContain(`${neededChurners} churned customers`)
  })

  it('is met by the number that it asks for, and by the tolerance that it names', () => {
    const { neededChurners, tolerance } = decideGate(equal(0.02), pair, afterDrift).power ?? expect.fail()
    const grown = equal(0.02 * Math.sqrt(373 / neededChurners), -0.004)
    const more = { ...grown, churners: neededChurners, churnedCustomers: neededChurners }
    expect(decideGate(more, pair, afterDrift).power).toMatchObject({
      isEnough: true,
      equalPasses: expect.closeTo(0.8, 3),
    })
    const wider = decideGate(equal(0.02), pair, { ...afterDrift, tolerance })
    expect(wider).toMatchObject({ promotes: true, power: { equalPasses: expect.closeTo(0.8, 5) } })
  })

  it('promotes what passes, however few the rows are: the lower end holds by itself', () => {
    expect(decideGate(equal(0.03, 0.05), pair, afterDrift)).toMatchObject({
      outcome: 'not-worse',
      power: { isEnough: false },
    })
  })

  it('asks for no number of rows without a tolerance, and lets the very same answers pass', () => {
    const strict = { ...afterDrift, tolerance: 0 }
    expect(decideGate(equal(0.01), pair, strict)).toMatchObject({ outcome: 'refused', power: null })
    const same = decideGate(compared(0, [0, 0]), pair, afterDrift)
    expect(same).toMatchObject({ promotes: true, power: { equalPasses: 1, neededChurners: 0 } })
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
