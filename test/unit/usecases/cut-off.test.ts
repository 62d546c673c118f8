import { describe, expect, it } from 'vitest'
import type { ApplyRequest } from '../../../src/contract/registry.js'
import { DOCUMENTS_POLICY } from '../../../src/domain/promotion/policy.js'
import type { JournalEntry } from '../../../src/domain/registry/journal-entry.js'
import type { ModelVersion } from '../../../src/domain/registry/model-version.js'
import { ChurnOpsError } from '../../../src/errors.js'
import { promote } from '../../../src/usecases/registry/promote.js'
import { rollback } from '../../../src/usecases/registry/rollback.js'
import { version } from '../../helpers/versions.js'

const store = { trackingUri: 'sqlite:///x.db', model: 'M' }
const common = {
  store,
  allowPickle: null,
  allowNoSkill: null,
  dryRun: false,
  actor: 'somebody',
  waitSeconds: 1,
}
const promotion = { ...common, policy: DOCUMENTS_POLICY, fresh: null, allow: [] }
const goBack = { ...common, to: null, columns: [] }

function entry(facts: Partial<JournalEntry>): JournalEntry {
  return {
    ...{ at: '2026-01-02T00:00:00Z', actor: 'a', action: 'promote', version: '2', previous: '1' },
    ...{ from: 'None', to: 'Production', reason: '', policy: 'documents', state: 'done' },
    ...facts,
  }
}

/** Ports in memory: the versions before and after cut-off moves are finished. */
function world(
  before: ModelVersion[],
  parts: {
    finished?: JournalEntry[]
    after?: ModelVersion[]
    tagged?: JournalEntry[]
    refuse?: ChurnOpsError[]
  },
) {
  const asked = { finish: 0, apply: [] as ApplyRequest[], checked: [] as string[] }
  const journal: JournalEntry[] = []
  const refusals = [...(parts.refuse ?? [])]
  const unused = () => Promise.reject(new Error('not asked for'))
  const ports = {
    registry: {
      versions: async () => (asked.finish > 0 ? (parts.after ?? before) : before),
      journal: async () => parts.tagged ?? [],
      apply: async (request: ApplyRequest) => {
        asked.apply.push(request)
        const refusal = refusals.shift()
        if (refusal !== undefined) throw refusal
        return { changed: 1, journal: [], notes: [] }
      },
      finish: async () => {
        asked.finish += 1
        return parts.finished ?? []
      },
      verify: async () => ({ folder: null, notes: [] }),
      columns: async () => [],
      golden: async () => ({ columns: [], rows: [], probabilities: [] }),
    },
    comparer: async () => ({
      compare: unused,
      retest: unused,
      skill: unused,
      check: async (request: { version: string }) => {
        asked.checked.push(request.version)
        return { goldenRows: 1, notes: [] }
      },
    }),
    journal: {
      append: async (entries: JournalEntry[]) => {
        journal.push(...entries)
      },
      read: async () => ({ entries: journal, unreadable: [] }),
    },
    notifier: async () => ({ send: async () => [] }),
    onProgress: () => undefined,
  }
  return { asked, ports, journal }
}

const cutOff = version(2, { aliases: ['champion'], stage: 'None', unfinished: ['2026-01-02T00:00:00Z'] })
const whole = { ...cutOff, stage: 'Production' as const, unfinished: [] }
const first = version(1, { aliases: ['previous'] })

describe('a move that was cut off', () => {
  it('is finished before a promotion plans, which says so', async () => {
    const { asked, ports } = world([first, cutOff], { finished: [entry({})], after: [first, whole] })
    const result = await promote(promotion, ports)
    expect(asked.finish).toBe(1)
    expect(asked.apply[0]?.moves.find((move) => move.version === '2')?.from).toBe('Production')
    expect(result.notes[0]).toContain('promote of version 2')
    expect(result.notes[0]).toContain('finished first')
  })

  it('stays as it is in a dry run, which tells of it', async () => {
    const { asked, ports } = world([first, cutOff], {})
    const result = await promote({ ...promotion, dryRun: true }, ports)
    expect([asked.finish, asked.apply]).toEqual([0, []])
    expect(result.notes[0]).toContain('without --dry-run')
  })

  it('is the rollback that was asked for: the same command goes no further back', async () => {
    const finished = [entry({ action: 'rollback', version: '2', previous: '3' })]
    const after = [first, whole, version(3, { rolledBackAt: '2026-01-02T00:00:00Z' })]
    const { asked, ports } = world([first, cutOff, version(3)], { finished, after })
    const result = await rollback(goBack, ports)
    expect(result).toMatchObject({ from: '3', to: '2', applied: true, goldenRows: null })
    expect([asked.checked, asked.apply]).toEqual([[], []])
    expect(
      (await rollback({ ...goBack, to: '1' }, world([first, cutOff], { finished, after }).ports)).to,
    ).toBe('1')
  })

  it('that never went live, or was a promotion, is no rollback: the way back is gone as ever', async () => {
    const tagged = [entry({ version: '1', previous: null, at: '2026-01-01T00:00:00Z' }), entry({})]
    for (const finished of [[entry({ action: 'rollback', state: 'abandoned', version: '1' })], [entry({})]]) {
      const { asked, ports } = world([first, cutOff], { finished, after: [first, whole], tagged })
      expect(await rollback(goBack, ports)).toMatchObject({ from: '2', to: '1', goldenRows: 1 })
      expect(asked.apply).toHaveLength(1)
    }
  })

  it('leaves its entry in the journal file, also when nothing else is to be done', async () => {
    const tagged = [entry({}), entry({ at: '2026-01-03T00:00:00Z', state: 'intent' })]
    const { ports, journal } = world([first, whole], { tagged })
    await promote(promotion, ports)
    expect(journal).toEqual([tagged[0]])
    await promote(promotion, ports)
    expect(journal).toHaveLength(1)
  })
})

describe('a plan that another process has overtaken', () => {
  const busy = (details: Record<string, unknown>) =>
    new ChurnOpsError('BUSY', { message: 'moved', hint: 'again', details })

  it('is made anew', async () => {
    const { asked, ports } = world([first, whole], { refuse: [busy({ stale: true }), busy({ stale: true })] })
    expect(await promote(promotion, ports)).toMatchObject({ applied: true })
    expect(asked.apply).toHaveLength(3)
  })

  it('is given up when it happens again and again, or when the other writer is still at it', async () => {
    const stale = [1, 2, 3].map(() => busy({ stale: true }))
    const often = world([first, whole], { refuse: stale })
    await expect(promote(promotion, often.ports)).rejects.toMatchObject({ code: 'BUSY' })
    const once = world([first, whole], { refuse: [busy({})] })
    await expect(promote(promotion, once.ports)).rejects.toMatchObject({ code: 'BUSY' })
    expect(once.asked.apply).toHaveLength(1)
  })

  it('is not made anew by a rollback: it would go one step too far', async () => {
    const { asked, ports } = world([first, whole], { refuse: [busy({ stale: true })] })
    await expect(rollback({ ...goBack, to: '1' }, ports)).rejects.toMatchObject({ code: 'BUSY' })
    expect(asked.apply).toHaveLength(1)
  })
})

it('a double is no target of a rollback, and the original is named', async () => {
  const { ports } = world([first, whole, version(3, { duplicateOf: '1' })], {})
  await expect(rollback({ ...goBack, to: '3' }, ports)).rejects.toMatchObject({
    code: 'NO_ROLLBACK_TARGET',
    hint: expect.stringContaining('--to 1'),
  })
})
