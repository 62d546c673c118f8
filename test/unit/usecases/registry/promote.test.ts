import { describe, expect, it } from 'vitest'
import type { Compared, CompareRequest, SkillRequest } from '../../../../src/contract/comparison.js'
import type { ApplyRequest } from '../../../../src/contract/registry.js'
import { exitOfPromotion } from '../../../../src/domain/promotion/gate-exit.js'
import { DOCUMENTS_POLICY, policyRules } from '../../../../src/domain/promotion/policy.js'
import type { SkillFacts } from '../../../../src/domain/promotion/skill.js'
import type { JournalEntry } from '../../../../src/domain/registry/journal-entry.js'
import type { ModelVersion } from '../../../../src/domain/registry/model-version.js'
import { type PromoteInput, promote } from '../../../../src/usecases/registry/promote.js'
import { skilled, skillless } from '../../../helpers/skill.js'
import { version } from '../../../helpers/versions.js'

const input: PromoteInput = {
  store: { trackingUri: 'sqlite:///x.db', model: 'M' },
  policy: { name: 'gated', rules: policyRules.parse({}) },
  fresh: null,
  allow: [],
  allowPickle: null,
  allowNoSkill: null,
  dryRun: false,
  actor: 'somebody',
  waitSeconds: 1,
}

/** Ports in memory that note what they were asked. */
function world(
  versions: ModelVersion[],
  parts: {
    answer?: Compared
    skill?: SkillFacts | { problem: string }
    written?: JournalEntry[]
    notices?: () => Promise<string[]>
  } = {},
) {
  const asked: {
    compare: CompareRequest[]
    skill: SkillRequest[]
    apply: ApplyRequest[]
    notices: string[]
  } = {
    compare: [],
    skill: [],
    apply: [],
    notices: [],
  }
  const tie: Compared = {
    rows: 1409,
    churners: 373,
    customers: 1409,
    churnedCustomers: 373,
    dropped: 0,
    rowsSha256: 'rows',
    comparison: {
      ...{ baseline: 0.6, candidate: 0.61, difference: 0.01, low: -0.01, standardError: 0.012 },
      interval: [-0.02, 0.04],
    },
  }
  const unused = () => Promise.reject(new Error('not asked for'))
  const ports = {
    registry: {
      versions: async () => versions,
      journal: async () => [],
      apply: async (request: ApplyRequest) => {
        asked.apply.push(request)
        return { changed: request.moves.length, journal: [], notes: [] }
      },
      finish: async () => [],
      verify: async () => ({ folder: null, notes: [] }),
      columns: async () => [],
      golden: async () => ({ columns: [], rows: [], probabilities: [] }),
    },
    comparer: async () => ({
      compare: async (request: CompareRequest) => {
        asked.compare.push(request)
        return request.pairs.map(() => parts.answer ?? tie)
      },
      skill: async (request: SkillRequest) => {
        asked.skill.push(request)
        return parts.skill ?? skilled
      },
      retest: unused,
      check: unused,
    }),
    journal: {
      append: async () => undefined,
      read: async () => ({ entries: parts.written ?? [], unreadable: [] }),
    },
    notifier: async () => ({
      send: async (title: string) => {
        asked.notices.push(title)
        return parts.notices?.() ?? []
      },
    }),
    onProgress: () => undefined,
  }
  return { asked, ports }
}

const champion = version(1, { stage: 'Production', aliases: ['champion'], inLatestSearch: false, f1Oof: 0.6 })
const better: Compared = {
  rows: 1409,
  churners: 373,
  customers: 1409,
  churnedCustomers: 373,
  dropped: 3,
  rowsSha256: 'rows',
  comparison: {
    ...{ baseline: 0.6, candidate: 0.66, difference: 0.06, low: 0.03, standardError: 0.018 },
    interval: [0.02, 0.1],
  },
}

describe('promotion by the gate', () => {
  it('asks once about challenger and champion, and stages against both', async () => {
    const { asked, ports } = world([champion, version(2, { f1Oof: 0.63 })])
    const result = await promote(input, ports)
    expect(asked.compare).toHaveLength(1)
    expect(asked.compare[0]?.pairs[0]).toEqual({
      baseline: '1',
      candidate: '2',
      rows: 'held-out',
      newerOnly: false,
      draws: 10_000,
      required: true,
    })
    expect(result).toMatchObject({ gate: { outcome: 'tie' }, champion: { version: '1' }, applied: true })
    expect(asked.apply[0]).toMatchObject({
      champion: '1',
      challenger: '2',
      look: { version: '2' },
      evidence: { outcome: 'tie', dropped: 0 },
    })
    expect(asked.notices).toEqual(['M: version 2 was not promoted'])
  })

  it('promotes a better challenger with its evidence, and tells of it', async () => {
    const { asked, ports } = world([champion, version(2, { f1Oof: 0.63 })], { answer: better })
    const result = await promote(input, ports)
    expect(result.champion).toEqual({ version: '2', f1: 0.6, previous: '1' })
    expect(asked.apply[0]).toMatchObject({ challenger: null, look: null, evidence: { dropped: 3 } })
    expect(asked.notices).toEqual(['M: version 2 is live'])
  })

  it('keeps the promotion when a notice fails', async () => {
    const notices = async () => ['The notices failed.']
    const { ports } = world([champion, version(2, { f1Oof: 0.63 })], { answer: better, notices })
    expect(await promote(input, ports)).toMatchObject({ applied: true, notes: ['The notices failed.'] })
  })

  it('keeps the promotion when the journal file cannot be written', async () => {
    const { ports } = world([champion, version(2, { f1Oof: 0.63 })], { answer: better })
    const append = () => Promise.reject(new Error('EROFS'))
    const result = await promote(input, { ...ports, journal: { ...ports.journal, append } })
    expect(result).toMatchObject({ applied: true, notes: [expect.stringContaining('doctor --fix')] })
  })

  it('neither records nor tells the same look twice', async () => {
    const first = world([champion, version(2, { f1Oof: 0.63 })])
    await promote(input, first.ports)
    const evidence = first.asked.apply[0]?.evidence
    if (evidence === undefined || evidence === null) throw new Error('no evidence')
    const again = world([champion, version(2, { f1Oof: 0.63, looks: [evidence] })])
    await promote(input, again.ports)
    expect(again.asked.apply[0]?.look).toBeNull()
    expect(again.asked.notices).toEqual([])
  })

  it('warns from the sixth look at the same rows on', async () => {
    const look = (challenger: number) => ({
      ...{ outcome: 'tie' as const, gate: 'superior' as const, metric: 'f1', margin: 0 },
      ...{ difference: 0, low: -0.01, interval: [-0.02, 0.02] as [number, number], smallestVisible: 0.01 },
      ...{ rows: 1409, churners: 373, customers: 1409, churnedCustomers: 373, power: null },
      ...{ dropped: 0, rowsSha256: 'rows', source: 'held-out' },
      champion: { version: '1', score: 0.6 },
      challenger: { version: String(challenger), score: 0.6 },
    })
    const looked = (count: number) =>
      Array.from({ length: count }, (_, at) =>
        version(at + 2, { looks: [look(at + 2)], inLatestSearch: false }),
      )
    const challenger = version(30, { f1Oof: 0.63 })
    const fifth = await promote(input, world([champion, ...looked(4), challenger]).ports)
    expect(fifth.notes).toEqual([])
    const sixth = await promote(input, world([champion, ...looked(5), challenger]).ports)
    expect(sixth.notes).toEqual([expect.stringContaining('evaluation 6')])
  })

  it('changes nothing without enough data, and says what to do', async () => {
    const answer = { ...better, churnedCustomers: 299 }
    const { asked, ports } = world([champion, version(2, { f1Oof: 0.63 })], { answer })
    const result = await promote(input, ports)
    expect(result).toMatchObject({ applied: false, gate: { outcome: 'not-enough-data' } })
    expect(result.notes).toEqual([expect.stringContaining('--on FILE')])
    expect([asked.apply, asked.notices]).toEqual([[], []])
  })

  it('takes fresh rows when there are some, and newer ones alone after drift', async () => {
    const fresh = {
      dataset: { path: '/fresh.csv', sha256: 'x', rows: 2000 },
      invalidRecords: [],
      schema: { columns: [] } as never,
    }
    const { asked, ports } = world([champion, version(2, { f1Oof: 0.63 })])
    const rules = { ...policyRules.parse({}), gate: 'not-worse' as const }
    const result = await promote({ ...input, fresh, policy: { name: 'gated', rules } }, ports)
    expect(asked.compare[0]?.pairs[0]).toMatchObject({ rows: 'file', newerOnly: true })
    expect(result.gate).toMatchObject({ source: '/fresh.csv', gate: 'not-worse' })
  })

  it('compares nothing with itself when the best of the latest search is live', async () => {
    const only = version(1, { stage: 'Production', aliases: ['champion'], f1Oof: 0.6, reason: 'as written' })
    const { asked, ports } = world([only])
    const result = await promote(input, ports)
    expect(result).toMatchObject({ gate: null, champion: { version: '1' } })
    expect(asked.compare).toEqual([])
  })

  it('changes nothing in a dry run', async () => {
    const { asked, ports } = world([champion, version(2, { f1Oof: 0.63 })], { answer: better })
    const result = await promote({ ...input, dryRun: true }, ports)
    expect(result).toMatchObject({ applied: false, champion: { version: '2' }, rules: { floor: 0.56 } })
    expect([asked.apply, asked.notices]).toEqual([[], []])
  })

  it('refuses no versions, and versions that no search measured', async () => {
    await expect(promote(input, world([]).ports)).rejects.toMatchObject({ code: 'NO_VERSIONS' })
    const foreign = world([version(1, { parentRunId: null })])
    await expect(promote(input, foreign.ports)).rejects.toMatchObject({
      code: 'NO_MEASURED_VERSION',
      hint: expect.stringContaining('--policy documents'),
    })
  })

  it('refuses when the champion was deleted, and names the last good one', async () => {
    const entry = {
      actor: 'a',
      action: 'promote',
      from: 'None',
      to: 'Production',
      reason: '',
      policy: 'gated',
    }
    const written = [
      { ...entry, at: '2026-01-01T00:00:00Z', version: '1', previous: null },
      { ...entry, at: '2026-01-02T00:00:00Z', version: '2', previous: '1' },
    ]
    const { asked, ports } = world([version(1), version(3, { f1Oof: 0.63 })], { written })
    await expect(promote(input, ports)).rejects.toMatchObject({
      code: 'CHAMPION_GONE',
      hint: expect.stringContaining('version 1'),
    })
    expect(asked.apply).toEqual([])
    const others = written.map((each) => ({ ...each, model: 'Other' }))
    await promote(input, world([version(3, { f1Oof: 0.63 })], { written: others }).ports)
  })

  it('lets an allowed version go live again and takes its mark away', async () => {
    const back = version(2, { f1Oof: 0.63, rolledBackAt: '2026-01-01T00:00:00Z' })
    const { asked, ports } = world([champion, back], { answer: better })
    await promote({ ...input, allow: ['2'] }, ports)
    expect(asked.apply[0]).toMatchObject({ champion: '2', rolledBack: { set: [], clear: ['2'] } })
  })
})

describe('a version that would go live', () => {
  const challenger = version(2, { f1Oof: 0.63 })

  it('is judged by itself, a first champion and a challenger that the gate lets through alike', async () => {
    const first = world([version(1, { f1Oof: 0.6 })])
    expect(await promote(input, first.ports)).toMatchObject({ applied: true, skill: skilled, refusal: null })
    const next = world([champion, challenger], { answer: better })
    await promote(input, next.ports)
    const request = { store: input.store, fresh: null, draws: 10_000, seed: 42 }
    expect([first.asked.skill, next.asked.skill]).toEqual([
      [{ ...request, version: '1' }],
      [{ ...request, version: '2' }],
    ])
  })

  it('is not judged when it does not go live', async () => {
    const { asked, ports } = world([champion, challenger])
    expect(await promote(input, ports)).toMatchObject({ skill: null, refusal: null })
    expect(asked.skill).toEqual([])
  })

  it.each([DOCUMENTS_POLICY, input.policy])(
    'moves nothing without skill, under policy $name',
    async (policy) => {
      const { asked, ports } = world([version(1, { f1Oof: 0.6 })], { skill: skillless })
      const result = await promote({ ...input, policy }, ports)
      expect(result).toMatchObject({
        applied: false,
        changed: 0,
        champion: null,
        refusal: { outcome: 'no-skill', version: '1' },
        plan: [{ version: '1', from: 'None', to: 'None' }],
      })
      expect(result.notes).toEqual([expect.stringContaining('--allow-no-skill')])
      expect(exitOfPromotion(result)).toBe(4)
      expect([asked.apply, asked.notices]).toEqual([[], []])
    },
  )

  it('leaves a champion where it is when a challenger has no skill', async () => {
    const { asked, ports } = world([champion, challenger], { answer: better, skill: skillless })
    const result = await promote(input, ports)
    expect(result).toMatchObject({ applied: false, champion: { version: '1', previous: null } })
    expect(exitOfPromotion(result)).toBe(4)
    expect(asked.apply).toEqual([])
  })

  it('goes live without skill when somebody says why, and the reason is written down', async () => {
    const { asked, ports } = world([version(1, { f1Oof: 0.6 })], { skill: skillless })
    const result = await promote({ ...input, allowNoSkill: 'a stand-in' }, ports)
    expect(result).toMatchObject({ applied: true, champion: { version: '1' }, refusal: null })
    expect(asked.apply[0]?.moves[0]?.reason).toMatch(/allowed although no skill .*: a stand-in$/)
    expect(exitOfPromotion(result)).toBe(0)
  })

  it('needs as many churned customers as the gate when it is the first, and is over the floor', async () => {
    const few = world([version(1, { f1Oof: 0.6 })], { skill: { ...skilled, churnedCustomers: 299 } })
    const held = await promote(input, few.ports)
    expect(held.refusal).toMatchObject({
      outcome: 'not-enough-data',
      reason: expect.stringContaining('299 churned customers'),
      hint: expect.stringContaining('--on FILE'),
    })
    expect(exitOfPromotion(held)).toBe(9)
    const low = await promote(
      input,
      world([version(1, { f1Oof: 0.6 })], { skill: { ...skilled, f1: 0.56 } }).ports,
    )
    expect(low.refusal).toMatchObject({
      outcome: 'under-floor',
      reason: expect.stringContaining('floor 0.56'),
    })
    expect(exitOfPromotion(low)).toBe(4)
    // The documents have no such rules, and a challenger has met the gate.
    const rules = { skill: { ...skilled, churnedCustomers: 299, f1: 0.5 } }
    const byDocuments = { ...input, policy: DOCUMENTS_POLICY }
    expect(await promote(byDocuments, world([version(1)], rules).ports)).toMatchObject({ applied: true })
    const next = world([champion, challenger], { ...rules, answer: better })
    expect(await promote(input, next.ports)).toMatchObject({ applied: true, champion: { version: '2' } })
  })

  it('goes live with a note when nothing is stored to judge it by', async () => {
    const { ports } = world([version(1)], { skill: { problem: 'churn-ops did not train it' } })
    expect(await promote({ ...input, policy: DOCUMENTS_POLICY }, ports)).toMatchObject({
      applied: true,
      notes: [expect.stringContaining('did not train it')],
    })
  })

  it('is refused in a dry run too', async () => {
    const { ports } = world([version(1, { f1Oof: 0.6 })], { skill: skillless })
    const result = await promote({ ...input, dryRun: true }, ports)
    expect([result.applied, exitOfPromotion(result)]).toEqual([false, 4])
  })
})

describe("promotion by the documents' rule", () => {
  it('compares nothing and takes the highest F1', async () => {
    const { asked, ports } = world([champion, version(2, { f1: 0.61 })])
    const result = await promote({ ...input, policy: DOCUMENTS_POLICY }, ports)
    expect(result).toMatchObject({ policy: 'documents', rules: null, gate: null, champion: { version: '2' } })
    expect(asked.compare).toEqual([])
  })

  it('takes the alias challenger from the version that goes live, and leaves it elsewhere', async () => {
    const challenger = version(2, { f1: 0.61, aliases: ['challenger'] })
    const { asked, ports } = world([champion, challenger])
    await promote({ ...input, policy: DOCUMENTS_POLICY }, ports)
    expect(asked.apply[0]).toMatchObject({ champion: '2', challenger: null })
    const other = world([champion, version(2, { f1: 0.1, aliases: ['challenger'] })])
    await promote({ ...input, policy: DOCUMENTS_POLICY }, other.ports)
    expect(other.asked.apply[0]).not.toHaveProperty('challenger')
  })
})
