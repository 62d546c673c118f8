import { expect, test } from 'vitest'
import { renderEvidence, renderReproduction } from '../../../src/cli/render/evidence.js'

const found = {
  version: '7',
  runId: 'abc',
  equal: true,
  compared: { metrics: 16, predictions: 7043 },
  differences: [],
  surroundings: [],
}

test('the files of a report are listed under their version', () => {
  expect(renderEvidence({ version: '7', runId: 'abc', files: ['/out/model_card.md', '/out/roc.png'] })).toBe(
    'Version 7: 2 files, also in the artifacts of its run abc.\n  /out/model_card.md\n  /out/roc.png',
  )
})

test('an equal version is one sentence, and other surroundings a table below it', () => {
  const sentence =
    'Version 7 was reproduced: 16 metrics and 7,043 predictions are identical to the last digit.'
  expect(renderReproduction(found)).toBe(sentence)
  const surroundings = [{ what: 'lock', recorded: 'a'.repeat(64), now: 'b'.repeat(64) }]
  const [first, table] = renderReproduction({ ...found, surroundings }).split('\n\n')
  expect(first).toBe(sentence)
  expect(table).toContain('aaaaaaaaaaaa…')
  expect(table).not.toContain('a'.repeat(13))
})

test('what differs is told one by one, with a dash for what is not there', () => {
  const differences = [{ what: 'recall', recorded: 0.5, now: null }]
  const text = renderReproduction({ ...found, equal: false, differences })
  expect(text).toContain('Version 7 could not be reproduced')
  expect(text).toMatch(/recall\s+0\.5\s+–/)
})
