import { expect, test } from 'vitest'
import { renderDemo } from '../../../src/cli/render/demo.js'

const step = (command: string, result: Record<string, unknown>, exitCode = 0) => ({
  command,
  result,
  exitCode,
  seconds: 1.25,
})

test('the table of the demo tells what came of each step', () => {
  const champion = { version: '7', f1: 0.6543 }
  const table = renderDemo(
    [
      step('validate', { valid: 12, invalid: 1 }),
      step('train', { candidates: [{}, {}], best: { version: '2' } }),
      step('promote', { champion }),
      step('serve', { pid: 4, version: '2', url: 'http://127.0.0.1:1' }),
      step('predict', { counts: { rows: 12, scored: 11 } }),
      step('monitor', { verdict: 'healthy', retrained: null }),
      step('monitor --retrain', { verdict: 'drift', retrained: { champion, live: true } }),
      step('monitor --retrain', { verdict: 'drift', retrained: { champion, live: false } }, 4),
    ],
    '/somewhere',
  )
  const lines = table.split('\n').slice(2)
  expect(lines.map((line) => line.replace(/^churn-ops .*? {2,}1\.[23] +/, ''))).toEqual([
    '0  12 valid rows, 1 invalid',
    '0  2 versions, best is 2',
    '0  version 7 is live, F1 0.654',
    '0  version 2 is served at http://127.0.0.1:1',
    '0  11 of 12 rows scored',
    '0  healthy',
    '0  drift, retrained: version 7 is live',
    '4  drift, retrained: version 7 stays live',
    '',
    'Kept in /somewhere',
  ])
})
