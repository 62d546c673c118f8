import { describe, expect, it } from 'vitest'
import { liveAt, mergeEntries, rollbackTarget } from '../../../../src/domain/registry/champion-history.js'
import { momentOf } from '../../../../src/domain/registry/day-end.js'
import type { JournalEntry } from '../../../../src/domain/registry/journal-entry.js'
import { findDisagreements } from '../../../../src/domain/registry/registry-state.js'
import { version } from '../../../helpers/versions.js'

function entry(
  day: number,
  live: string,
  previous: string | null,
  more: Partial<JournalEntry> = {},
): JournalEntry {
  return {
    at: `2026-11-${String(day).padStart(2, '0')}T12:00:00.000Z`,
    actor: 'somebody',
    action: 'promote',
    version: live,
    previous,
    from: 'None',
    to: 'Production',
    reason: '',
    policy: 'gated',
    ...more,
  }
}

const history = [entry(1, '1', null), entry(5, '2', '1'), entry(9, '3', '2')]

describe('what was live', () => {
  it('is the last version that went live by the end of that local day', () => {
    expect(liveAt(history, momentOf('2026-11-07'))).toEqual({
      version: '2',
      since: '2026-11-05T12:00:00.000Z',
    })
    expect(liveAt(history, momentOf('2026-11-20'))?.version).toBe('3')
    expect(liveAt(history, momentOf('2026-10-31'))).toBeNull()
  })

  it('is not changed by stages, looks and moves that never took place', () => {
    const more = [
      entry(10, '4', null, { action: 'stage' }),
      entry(11, '5', null, { action: 'gate' }),
      entry(12, '6', '3', { state: 'intent' }),
      entry(13, '7', '3', { state: 'abandoned' }),
    ]
    expect(liveAt([...history, ...more], momentOf('2026-11-20'))?.version).toBe('3')
  })

  it('takes moments, and refuses what is no date', () => {
    expect(momentOf('2026-11-20').getHours()).toBe(23)
    expect(momentOf('2026-11-05T11:59:00Z').toISOString()).toBe('2026-11-05T11:59:00.000Z')
    for (const wrong of ['last Tuesday', '2026-02-30', '2026-13-01', '5', ''])
      expect(() => momentOf(wrong), wrong).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})

describe('two journals', () => {
  it('are one history: the tags finish what the file calls an intent, deleted versions stay', () => {
    const file = [entry(1, '1', null), entry(5, '2', '1', { state: 'intent' })]
    const tags = [entry(5, '2', '1', { state: 'done' }), entry(9, '3', '2')]
    expect(mergeEntries(file, tags).map(({ version: live, state }) => [live, state])).toEqual([
      ['1', undefined],
      ['2', 'done'],
      ['3', undefined],
    ])
  })
})

describe('the version to roll back to', () => {
  const all = [1, 2, 3, 4].map((number) => version(number))

  it('is the last that really was champion, not the last archived one', () => {
    expect(rollbackTarget(history, all, '3')).toBe('2')
  })

  it('goes further back past deleted and rolled-back versions', () => {
    const left = [version(1), version(3), version(4)]
    expect(rollbackTarget(history, left, '3')).toBe('1')
    const rolledBack = [version(1), version(2), version(3, { rolledBackAt: 'x' })]
    const after = [...history, entry(10, '2', '3', { action: 'rollback' })]
    expect(rollbackTarget(after, rolledBack, '2')).toBe('1')
  })

  it('may be a champion that nobody wrote down but who was replaced', () => {
    expect(rollbackTarget([entry(1, '2', '1')], all, '2')).toBe('1')
  })

  it('is none when there was no other champion', () => {
    expect(rollbackTarget([entry(1, '1', null)], all, '1')).toBeNull()
    expect(rollbackTarget([], all, null)).toBeNull()
  })
})

describe('disagreement of alias, stages and tags', () => {
  const champion = version(2, { stage: 'Production', aliases: ['champion'], recordedStage: 'Production' })

  it('is not seen where there is none', () => {
    const versions = [version(1, { stage: 'Staging', recordedStage: 'Staging' }), champion, version(3)]
    expect(findDisagreements(versions, history.slice(0, 2))).toMatchObject({
      problems: [],
      moves: [],
      champion: '2',
    })
  })

  it('of two in Production is mended by the alias', () => {
    const found = findDisagreements([version(1, { stage: 'Production' }), champion], [])
    expect(found.moves).toMatchObject([{ version: '1', from: 'Production', to: 'Archived' }])
  })

  it('of a stage that was moved by hand is mended by alias and tags', () => {
    const versions = [
      version(1, { stage: 'Production', recordedStage: 'Staging' }),
      { ...champion, stage: 'Archived' as const },
      version(3, { stage: 'Archived', recordedStage: 'Staging' }),
    ]
    expect(findDisagreements(versions, []).moves.map(({ version: of, to }) => [of, to])).toEqual([
      ['1', 'Staging'],
      ['2', 'Production'],
      ['3', 'Staging'],
    ])
  })

  it('of an alias that is gone is mended by the journal, else by the stage', () => {
    const versions = [version(1, { stage: 'Production' }), version(2, { stage: 'Production' })]
    expect(findDisagreements(versions, history.slice(0, 1))).toMatchObject({
      champion: '1',
      moves: [{ version: '2', to: 'Archived' }],
    })
    expect(findDisagreements(versions, []).champion).toBe('2')
  })

  it('of a champion that was deleted is told, and no other is chosen for it', () => {
    const found = findDisagreements(
      [version(1, { stage: 'Archived', recordedStage: 'Archived' })],
      history.slice(0, 2),
    )
    expect(found).toMatchObject({ champion: null, moves: [], problems: [expect.stringContaining('deleted')] })
  })

  it('of a move that was cut off is told', () => {
    expect(findDisagreements([{ ...champion, unfinished: ['2026-11-05'] }], []).problems).toHaveLength(1)
  })
})
