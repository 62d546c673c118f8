import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createJournal } from '../../../src/files/journal.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'churn-ops-journal-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const entry = (version: string) => ({
  at: `2026-01-0${version}T00:00:00Z`,
  actor: 'somebody',
  action: 'promote',
  version,
  previous: null,
  from: 'None',
  to: 'Production',
  reason: 'r',
  policy: 'gated',
})

const STORE = 'sqlite:////data/mlflow.db'

describe('the journal file', () => {
  it.each([
    ['postgresql://ann:secret@db/crm', 'postgresql://bob@db/crm?sslmode=require', 'postgresql://db/other'],
    ['http://127.0.0.1:5000', 'http://ann:pw@127.0.0.1:5000/', 'http://127.0.0.1:5001'],
    ['sqlite:////data/mlflow.db', 'sqlite:////moved/mlflow.db', 'sqlite:////data/second.db'],
  ])('keeps the stores that share a folder apart, whoever logs in: %s', async (uri, same, other) => {
    await createJournal(folder, uri).append([entry('1')])
    expect((await createJournal(folder, same).read()).entries).toEqual([entry('1')])
    expect(await createJournal(folder, other).read()).toEqual({ entries: [], unreadable: [] })
  })

  it('is made on the first entry and only appended to', async () => {
    const journal = createJournal(join(folder, 'state'), STORE)
    expect(await journal.read()).toEqual({ entries: [], unreadable: [] })
    await journal.append([entry('1')])
    const before = await readFile(join(folder, 'state', 'journal.jsonl'), 'utf8')
    await journal.append([entry('2'), entry('3')])
    expect((await readFile(join(folder, 'state', 'journal.jsonl'), 'utf8')).startsWith(before)).toBe(true)
    expect((await journal.read()).entries.map(({ version }) => version)).toEqual(['1', '2', '3'])
  })

  it('tells of a torn last line, and the next entry does not drown in it', async () => {
    const journal = createJournal(folder, STORE)
    await journal.append([entry('1')])
    await appendFile(join(folder, 'journal.jsonl'), '{"at":"2026-01-0')
    expect(await journal.read()).toMatchObject({ entries: [{ version: '1' }], unreadable: [2] })
    await journal.append([entry('3')])
    expect(await journal.read()).toMatchObject({
      entries: [{ version: '1' }, { version: '3' }],
      unreadable: [2],
    })
  })

  it('reads entries of older releases and passes over lines that are no entry', async () => {
    const { policy, ...older } = entry('1')
    await appendFile(
      join(folder, 'journal.jsonl'),
      `${JSON.stringify({ ...older, policy })}\n{"version":1}\n`,
    )
    expect(await createJournal(folder, STORE).read()).toMatchObject({
      entries: [{ version: '1' }],
      unreadable: [2],
    })
  })
})
