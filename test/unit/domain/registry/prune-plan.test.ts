import { describe, expect, it } from 'vitest'
import type { JournalEntry } from '../../../../src/domain/registry/journal-entry.js'
import type { ModelVersion } from '../../../../src/domain/registry/model-version.js'
import {
  type Inventory,
  type OrphanedModel,
  planPrune,
  type SearchRun,
  type VersionFacts,
} from '../../../../src/domain/registry/prune-plan.js'
import { version as made } from '../../../helpers/versions.js'

const NOW = new Date('2026-11-24T12:00:00Z')
const DEFAULT_RULES = { keep: 1, olderThanDays: null }

/** Versions 1 to `count`, two of each search: `s1` made 1 and 2, `s2` made 3 and 4, … */
const searchOf = (number: number): string => `s${Math.ceil(number / 2)}`

function facts(number: number, more: Partial<VersionFacts> = {}): VersionFacts {
  return {
    version: String(number),
    made: true,
    search: searchOf(number),
    split: 'random 42',
    bytes: 10,
    usedBy: null,
    servedBy: null,
    busy: false,
    ...more,
  }
}

/** A version that the last search did not have. */
const version = (number: number, more: Partial<ModelVersion> = {}) =>
  made(number, { inLatestSearch: false, ...more })

function searches(count: number): SearchRun[] {
  return Array.from({ length: count / 2 }, (_, place) => ({
    id: `s${place + 1}`,
    versions: [`M ${place * 2 + 1}`, `M ${place * 2 + 2}`],
    waiting: false,
    latest: false,
    pruned: false,
    busy: false,
    ageDays: 30,
    bytes: 100,
  }))
}

function decide(parts: {
  versions?: ModelVersion[]
  entries?: JournalEntry[]
  inventory?: Partial<Inventory>
  rules?: { keep: number; olderThanDays: number | null }
}) {
  const versions = parts.versions ?? [1, 2, 3, 4, 5, 6].map((number) => version(number))
  return planPrune({
    model: 'M',
    versions,
    entries: parts.entries ?? [],
    inventory: {
      versions: versions.map((each) => facts(Number(each.version))),
      models: [],
      searches: searches(versions.length),
      folders: [],
      ...parts.inventory,
    },
    rules: parts.rules ?? DEFAULT_RULES,
    now: NOW,
  })
}

const deleted = (plan: ReturnType<typeof decide>): string[] =>
  plan.plan.filter(({ action }) => action === 'delete').map((item) => item.version)
const reasonOf = (plan: ReturnType<typeof decide>, number: number): string | undefined =>
  plan.plan.find((item) => item.version === String(number))?.reason

const went = (day: number, live: string, previous: string | null): JournalEntry => ({
  at: `2026-11-0${day}T12:00:00.000Z`,
  actor: 'somebody',
  action: 'promote',
  version: live,
  previous,
  from: 'None',
  to: 'Production',
  reason: '',
  policy: 'gated',
})

describe('what prune deletes', () => {
  it('is every version of all but the newest trainings, and the rows that only these used', () => {
    const plan = decide({})
    expect(deleted(plan)).toEqual(['1', '2', '3', '4'])
    expect(plan.leftovers.map(({ kind, id }) => [kind, id])).toEqual([
      ['search', 's1'],
      ['search', 's2'],
    ])
    expect(plan.freedBytes).toBe(4 * 10 + 2 * 100)
    expect(deleted(decide({ rules: { keep: 2, olderThanDays: null } }))).toEqual(['1', '2'])
    expect(deleted(decide({ rules: { keep: 9, olderThanDays: null } }))).toEqual([])
  })

  it('is a double before its original, and no double counts among the newest', () => {
    const versions = [1, 2, 3, 4, 5, 6].map((number) =>
      version(number, number > 4 ? { duplicateOf: String(number - 2) } : {}),
    )
    const inventory = {
      versions: [1, 2, 3, 4, 5, 6].map((number) =>
        facts(number, number === 6 ? { usedBy: 'M version 4' } : {}),
      ),
    }
    const plan = decide({ versions, inventory })
    expect(deleted(plan)).toEqual(['1', '2', '5', '6'])
    expect(plan.plan.slice(4).map(({ reason, bytes }) => [reason, bytes])).toEqual([
      ['it is a duplicate of version 3', 10],
      ['it is a duplicate of version 4', 0],
    ])
    const alone = versions.slice(4)
    expect(
      deleted(
        decide({
          versions: alone,
          inventory: { versions: alone.map((each) => facts(Number(each.version))) },
        }),
      ),
    ).toEqual([])
  })

  it('is nothing that is younger than the limit', () => {
    const versions = [1, 2, 3, 4, 5, 6].map((number) =>
      version(number, { createdAt: number < 3 ? '2026-11-01T00:00:00Z' : '2026-11-20T00:00:00Z' }),
    )
    const plan = decide({ versions, rules: { keep: 1, olderThanDays: 10 } })
    expect(deleted(plan)).toEqual(['1', '2'])
    expect(reasonOf(plan, 3)).toBe('it is younger than 10 days')
  })
})

describe('what prune keeps', () => {
  it('what the last search had, whoever made it, and the run that lists it', () => {
    const versions = [1, 2, 3, 4, 5, 6].map((number) => version(number, { inLatestSearch: number === 2 }))
    const [first, ...rest] = searches(6)
    const inventory = {
      searches: [first, ...rest, { ...first, id: 's9', versions: [], latest: true }] as SearchRun[],
    }
    const { plan, leftovers } = decide({ versions, inventory, rules: { keep: 1, olderThanDays: null } })
    expect(plan.filter(({ action }) => action === 'delete').map((each) => each.version)).toEqual([
      '1',
      '3',
      '4',
    ])
    expect(plan[1]?.reason).toBe('it belongs to the latest search')
    expect(leftovers.map(({ id }) => id)).toEqual(['s2'])
  })

  it.each([
    [{ aliases: ['champion'] }, 'it has the alias champion'],
    [{ aliases: ['previous'] }, 'it has the alias previous'],
    [{ aliases: ['challenger'] }, 'it has the alias challenger'],
    [{ aliases: ['canary'] }, 'it has the alias canary'],
    [{ stage: 'Production' as const }, 'it is in stage Production'],
    [{ stage: 'Staging' as const }, 'it is in stage Staging'],
    [{ unfinished: ['2026-11-01'] }, 'a move of it was interrupted: run `churn-ops doctor --fix`'],
  ])('a version with %j, and the rows of its search', (place, reason) => {
    const versions = [1, 2, 3, 4, 5, 6].map((number) => version(number, number === 1 ? place : {}))
    const plan = decide({ versions })
    expect(deleted(plan)).toEqual(['2', '3', '4'])
    expect(reasonOf(plan, 1)).toBe(reason)
    expect(plan.leftovers.map(({ id }) => id)).toEqual(['s2'])
  })

  it.each([
    [{ made: false }, 'it was not made by churn-ops'],
    [{ usedBy: 'Other version 3' }, 'Other version 3 uses its files'],
    [{ servedBy: 812 }, 'process 812 serves it'],
    [{ busy: true }, 'its training is running'],
  ])('a version of which %j is known', (known, reason) => {
    const inventory = {
      versions: [1, 2, 3, 4, 5, 6].map((number) => facts(number, number === 2 ? known : {})),
    }
    const plan = decide({ inventory })
    expect(reasonOf(plan, 2)).toBe(reason)
    expect(deleted(plan)).not.toContain('2')
  })

  it('the version that a rollback would go to, though it has no alias', () => {
    const versions = [1, 2, 3, 4, 5, 6].map((number) =>
      version(number, number === 6 ? { aliases: ['champion'], stage: 'Production' } : {}),
    )
    const plan = decide({ versions, entries: [went(1, '2', null), went(2, '3', '2'), went(3, '6', '3')] })
    expect(reasonOf(plan, 3)).toBe('a rollback would go back to it')
    expect(deleted(plan)).toEqual(['1', '2', '4'])
  })

  it('the newest version of every split, for later trainings take the sides of customers from it', () => {
    const inventory = {
      versions: [1, 2, 3, 4, 5, 6].map((number) => facts(number, number < 3 ? { split: 'random 7' } : {})),
    }
    const plan = decide({ inventory })
    expect(deleted(plan)).toEqual(['1', '3', '4'])
    expect(reasonOf(plan, 2)).toContain('split seed')
    expect(plan.leftovers.map(({ id }) => id)).toEqual(['s2'])
  })

  it('the newest of all even when no training is to be kept', () => {
    expect(deleted(decide({ rules: { keep: 0, olderThanDays: null } }))).toEqual(['1', '2', '3', '4', '5'])
  })

  it('rows that a version of another model came from', () => {
    const [first, ...rest] = searches(6)
    const inventory = { searches: [{ ...first, versions: ['M 1', 'M 2', 'Other 1'] } as SearchRun, ...rest] }
    expect(decide({ inventory }).leftovers.map(({ id }) => id)).toEqual(['s2'])
  })
})

describe('what cut-off work left', () => {
  const left: OrphanedModel = {
    id: 'm',
    status: 'KILLED',
    whole: false,
    pruned: false,
    busy: false,
    ageDays: 0,
    bytes: 5,
  }
  const goes = (model: Partial<OrphanedModel>): boolean =>
    decide({ inventory: { models: [{ ...left, ...model }], searches: [] } }).leftovers.length === 1

  it('goes at once when nobody can use it, and never while its training runs', () => {
    expect(goes({})).toBe(true)
    expect(goes({ status: 'RUNNING' })).toBe(true)
    expect(goes({ busy: true })).toBe(false)
  })

  it('goes after a day when the same training again would still register it', () => {
    const whole = { status: 'FINISHED', whole: true }
    expect(goes(whole)).toBe(false)
    expect(goes({ ...whole, ageDays: 1.5 })).toBe(true)
    expect(goes({ ...whole, pruned: true })).toBe(true)
    expect(goes({ status: 'gone' })).toBe(false)
    expect(goes({ status: 'gone', ageDays: 2 })).toBe(true)
  })

  it('includes searches that never made a version and work folders, both after a day', () => {
    const search = { ...(searches(2)[0] as SearchRun), versions: [], ageDays: 0.5 }
    const folder = { id: 'work', busy: false, ageDays: 0.5, bytes: 1 }
    const ids = (more: object): string[] =>
      decide({
        inventory: { searches: [{ ...search, ...more }], folders: [{ ...folder, ...more }] },
      }).leftovers.map(({ kind }) => kind)
    expect(ids({})).toEqual([])
    expect(ids({ ageDays: 2 })).toEqual(['search', 'folder'])
    expect(ids({ ageDays: 2, busy: true })).toEqual([])
  })

  it('keeps the rows of a search while a finished candidate waits for its version', () => {
    const [first] = searches(2)
    const inventory = { searches: [{ ...first, waiting: true } as SearchRun] }
    expect(decide({ inventory }).leftovers).toEqual([])
  })
})
