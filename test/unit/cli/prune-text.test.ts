import { describe, expect, it } from 'vitest'
import { renderPrune, renderPrunePlan } from '../../../src/cli/render/prune.js'
import type { PruneItem, PrunePlan } from '../../../src/domain/registry/prune-plan.js'

const item = (number: number, action: 'keep' | 'delete', reason: string): PruneItem => ({
  version: String(number),
  action,
  reason,
  bytes: 2_000_000,
})
const plan: PrunePlan = {
  plan: [
    ...[1, 2, 3, 5].map((number) => item(number, 'delete', 'old')),
    item(4, 'keep', 'it has the alias champion'),
  ],
  leftovers: [
    { kind: 'model', id: 'm', reason: 'killed', bytes: 1500 },
    { kind: 'search', id: 's', reason: 'unused', bytes: 0 },
    { kind: 'search', id: 't', reason: 'unused', bytes: 0 },
  ],
  freedBytes: 8_001_500,
}
const nothing: PrunePlan = { plan: [item(4, 'keep', 'live')], leftovers: [], freedBytes: 0 }

describe('the text of prune', () => {
  it('groups versions by reason, as ranges with their size', () => {
    const text = renderPrunePlan(plan)
    expect(text).toContain('version 4 (2.0 MB): it has the alias champion')
    expect(text).toContain('versions 1–3, 5 (8.0 MB): old')
    expect(text).toContain('1 candidate without a version (2 kB): killed')
    expect(text).toContain('2 searches with their rows (0 kB): unused')
    expect(text).toContain('Together 8.0 MB.')
  })

  it('says what was done, what was left alone, and that nothing was done', () => {
    const left = { ...plan, deleted: [], skipped: [], applied: false }
    expect(renderPrune(left, true)).toContain('Nothing was deleted: this was a dry run.')
    expect(renderPrune(left, false)).toBe('Nothing was deleted.')
    const done = { ...plan, deleted: ['1'], skipped: ['version 2 was left: it is live'], applied: true }
    expect(renderPrune(done, false)).toBe('Deleted 1 version; freed 8.0 MB.\nversion 2 was left: it is live')
    const empty = { ...nothing, deleted: [], skipped: [], applied: false }
    expect(renderPrune(empty, false)).toContain('Nothing to delete.')
  })
})
