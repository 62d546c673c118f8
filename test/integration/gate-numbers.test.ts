import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import { decideGate, type PairedComparison } from '../../src/domain/gate.js'
import { policyRules } from '../../src/domain/policy.js'
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
