import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import { decideGate, type GateOutcome, type PairedComparison } from '../../src/domain/promotion/gate.js'
import { policyRules } from '../../src/domain/promotion/policy.js'
import { testPython } from '../helpers/python.js'

const SPLITS = 20

test('lets noise through at most 4 times in 20, and true differences always', async () => {
  // Small forests; `npm run bench:gate` does the same with large ones on more splits.
  const printed = execFileSync(
    await testPython(),
    [
      join(packageRoot, 'scripts/bench/gate.py'),
      ...['--trees', '30', '--splits', String(SPLITS), '--draws', '2000'],
    ],
    { encoding: 'utf8' },
  )
  const promoted: Record<string, number> = {}
  for (const line of printed.trim().split('\n')) {
    const { case: name, compared } = JSON.parse(line) as { case: string; compared: PairedComparison }
    const gate = decideGate(
      compared,
      { champion: '1', challenger: '2', source: 'held-out' },
      policyRules.parse({}),
    )
    promoted[name] = (promoted[name] ?? 0) + (gate.promotes ? 1 : 0)
  }
  expect(promoted['tuned over deep']).toBe(SPLITS)
  expect(promoted['all over few']).toBe(SPLITS)
  expect(promoted.twin).toBeLessThanOrEqual(4)
}, 180_000)

test('not-worse lets an equal model through in four of five cases where it asks for no more customers', async () => {
  const repeats = 120
  const printed = execFileSync(
    await testPython(),
    [
      join(packageRoot, 'scripts/bench/gate.py'),
      ...['--not-worse', '--trees', '30', '--repeats', String(repeats), '--draws', '500'],
    ],
    { encoding: 'utf8', maxBuffer: 1e8 },
  )
  const rules = policyRules.parse({ gate: 'not-worse' })
  const outcomes: Record<string, GateOutcome[]> = {}
  for (const line of printed.trim().split('\n')) {
    const { case: name, compared } = JSON.parse(line) as { case: string; compared: PairedComparison }
    const gate = decideGate(compared, { champion: '1', challenger: '2', source: 'held-out' }, rules)
    outcomes[name] = [...(outcomes[name] ?? []), gate.outcome]
  }
  const share = (name: string, outcome: GateOutcome): number =>
    (outcomes[name] ?? []).filter((each) => each === outcome).length / repeats
  const cases = Object.keys(outcomes)
  const enough = cases.findLast((name) => name.startsWith('equal')) ?? expect.fail('no case of equal models')
  // 80 % with the error of 120 draws, three times.
  expect(share(enough, 'not-worse')).toBeGreaterThan(0.69)
  expect(share('equal, 300 churners', 'refused')).toBeLessThan(0.05)
  expect(share('equal, 300 churners', 'not-enough-data')).toBeGreaterThan(0.75)
  for (const name of cases.filter((each) => each.startsWith('worse')))
    expect(share(name, 'not-worse'), name).toBeLessThan(0.11)
}, 180_000)
