import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { appendFile, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testPython } from '../helpers/python.js'
import { type MainAnswer, runForAnswer } from '../helpers/run-main.js'
import { TELCO_CSV, tableFolder, telcoRows } from '../helpers/table-folder.js'

// biome-ignore lint/suspicious/noExplicitAny: a document of the command line, read as a user's script would.
type Document = any

let python: string
let folder: Awaited<ReturnType<typeof tableFolder>>
const answer = (...argv: string[]): Promise<MainAnswer> =>
  runForAnswer(folder.path, ...argv, '--python', python)

beforeAll(async () => {
  python = await testPython()
  folder = await tableFolder()
  // The whole table: the gate asks for 300 churners among the held-out rows.
  await folder.put('customers.csv', readFileSync(TELCO_CSV))
  // Weak, but over the floor.
  await train(3, 2)
})
afterAll(async () => {
  await folder?.remove()
})

async function train(trees: number, depth: number, ...more: string[]): Promise<void> {
  const grid = [
    '--grid',
    `n_estimators=${trees}`,
    '--grid',
    `max_depth=${depth}`,
    '--grid',
    'min_samples_split=5',
  ]
  const { error } = await answer('train', '--data', 'customers.csv', ...grid, ...more)
  expect(error).toBeNull()
}

async function stages(): Promise<Record<string, [string, string[]]>> {
  const { result } = await answer('models')
  return Object.fromEntries(
    result.versions.map((each: Document) => [each.version, [each.stage, each.aliases]]),
  )
}

/** The row of doctor about stages; other rows tell of this machine. */
async function stagesRow(...options: string[]): Promise<Document> {
  const { result } = await answer('doctor', ...options)
  return result.checks.find((row: Document) => row.name === 'stages of RandomForestGridSearch')
}

/** Changes the registry behind churn-ops' back. */
function byHand(statement: string): void {
  const code = 'import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as store: store.execute(sys.argv[2])'
  execFileSync(python, ['-c', code, join(folder.path, 'mlflow.db'), statement])
}

describe('a champion, its challengers and the way back', () => {
  it('goes live first without a gate', async () => {
    const { result, exitCode } = await answer('promote', '--actor', 'ana')
    expect(exitCode).toBe(0)
    expect(result).toMatchObject({ gate: null, champion: { version: '1', previous: null } })
  })

  it('is replaced by a better one, with the evidence in tags, journal and card', async () => {
    await train(30, 8)
    const { result, exitCode } = await answer('promote')
    expect(exitCode).toBe(0)
    expect(result).toMatchObject({
      applied: true,
      champion: { version: '2', previous: '1' },
      gate: { outcome: 'better', rows: 1409, dropped: 0, champion: { version: '1' }, source: 'held-out' },
    })
    expect(result.gate.low).toBeGreaterThan(0)
    expect(await stages()).toEqual({ 1: ['Archived', ['previous']], 2: ['Production', ['champion']] })
    const { entries } = (await answer('history')).result
    const promoted = entries.filter((entry: Document) => entry.action === 'promote')
    expect(promoted.map((entry: Document) => [entry.actor, entry.version, entry.previous])).toEqual([
      ['ana', '1', null],
      [expect.stringContaining('@'), '2', '1'],
    ])
    expect(promoted[1].evidence).toMatchObject({ outcome: 'better', churners: result.gate.churners })
  })

  it('stays on a tie, which is a success and is written down once', async () => {
    await train(30, 8, '--seed', '11')
    const { result, exitCode } = await answer('promote')
    expect(exitCode).toBe(0)
    expect(result).toMatchObject({ champion: { version: '2' }, gate: { outcome: 'tie', promotes: false } })
    expect(result.gate.smallestVisible).toBeGreaterThan(0)
    expect((await stages())[3]?.[1]).toEqual(['challenger'])
    const database = await readFile(join(folder.path, 'mlflow.db'))
    expect((await answer('promote')).result).toMatchObject({ changed: 0, gate: { outcome: 'tie' } })
    expect((await readFile(join(folder.path, 'mlflow.db'))).equals(database)).toBe(true)
    const { entries } = (await answer('history')).result
    expect(entries.filter((entry: Document) => entry.action === 'gate')).toHaveLength(1)
  })

  it('is not judged on rows that the versions trained on', async () => {
    const { result, exitCode } = await answer('promote', '--on', 'customers.csv')
    expect(result.gate).toMatchObject({ dropped: 5634, rows: 1409, outcome: 'tie' })
    expect(exitCode).toBe(0)
    const { header, rows } = telcoRows(300)
    await folder.put('few.csv', [header, ...rows])
    const few = await answer('promote', '--on', 'few.csv')
    expect(few).toMatchObject({
      exitCode: 9,
      result: { applied: false, gate: { outcome: 'not-enough-data' } },
    })
  })

  it('is compared with every living version on fresh rows, and nothing moves', async () => {
    const before = await stages()
    const { result, exitCode } = await answer('promote', '--retest', 'customers.csv')
    expect(exitCode).toBe(0)
    expect(result.champion).toBe('2')
    expect(result.versions.map((each: Document) => each.version).sort()).toEqual(['2', '3'])
    expect(result.versions[0]).toMatchObject({
      rows: 1409,
      interval: [expect.any(Number), expect.any(Number)],
    })
    expect(await stages()).toEqual(before)
  })

  it('refuses fresh rows without labels, of one class, or none at all, and changes nothing', async () => {
    const before = await readFile(join(folder.path, 'mlflow.db'))
    const { header, rows } = telcoRows(200)
    await folder.put('one.csv', [header, ...rows.filter((row) => row.at(-1) === 'No')])
    await folder.put('unlabelled.csv', [header.slice(0, -1), ...rows.map((row) => row.slice(0, -1))])
    for (const [file, code] of [
      ['one.csv', 'DATA_ONE_CLASS'],
      ['unlabelled.csv', 'DATA_HEADER'],
      ['nowhere.csv', 'DATA_UNREADABLE'],
    ]) {
      for (const option of ['--on', '--retest']) {
        const { error, exitCode } = await answer('promote', option, String(file))
        expect([exitCode, error?.code], `${option} ${file}`).toEqual([3, code])
      }
    }
    expect((await readFile(join(folder.path, 'mlflow.db'))).equals(before)).toBe(true)
  })

  it('goes back to the version that really was champion, and the other does not return by itself', async () => {
    const dry = await answer('rollback', '--dry-run')
    expect(dry.result).toMatchObject({ from: '2', to: '1', goldenRows: 100, applied: false })
    const { result } = await answer('rollback')
    expect(result).toMatchObject({ from: '2', to: '1', goldenRows: 100, applied: true })
    expect(await stages()).toMatchObject({ 1: ['Production', ['champion']], 2: ['Archived', ['previous']] })
    const next = await answer('promote', '--dry-run')
    expect(next.result.champion.version).not.toBe('2')
    const none = await answer('rollback')
    expect([none.exitCode, none.error?.code]).toEqual([4, 'NO_ROLLBACK_TARGET'])
    const unknown = await answer('rollback', '--to', '99')
    expect([unknown.exitCode, unknown.error?.code]).toEqual([4, 'VERSION_UNKNOWN'])
    expect((await answer('rollback', '--to', 'two')).exitCode).toBe(2)
    expect((await answer('rollback', '--to', '2')).result).toMatchObject({
      from: '1',
      to: '2',
      applied: true,
    })
  })

  it('does not go back to a version whose files are gone', async () => {
    const before = await stages()
    const runs = (await answer('models')).result.versions.find((each: Document) => each.version === '3')
    const found = execFileSync('grep', ['-rl', String(runs.runId), '--include=MLmodel', folder.path], {
      encoding: 'utf8',
    })
    await rm(dirname(found.trim()), { recursive: true })
    const { error, exitCode } = await answer('rollback', '--to', '3')
    expect([exitCode, error?.code]).toEqual([8, 'MODEL_INTEGRITY'])
    const gate = await answer('promote')
    expect([gate.exitCode, gate.error?.code]).toEqual([8, 'MODEL_INTEGRITY'])
    expect(await stages()).toEqual(before)
  })

  it('tells what was live when', async () => {
    const today = new Date()
    const day = [today.getFullYear(), today.getMonth() + 1, today.getDate()]
      .map((part) => String(part).padStart(2, '0'))
      .join('-')
    expect((await answer('history', '--at', day)).result.live).toMatchObject({ version: '2' })
    expect((await answer('history', '--at', '2001-01-01')).result.live).toBeNull()
    expect((await answer('history', '--at', 'last-tuesday')).exitCode).toBe(2)
  })

  it('keeps its history when the journal file is torn or lost', async () => {
    const path = join(folder.path, '.churn-ops', 'journal.jsonl')
    const whole = (await answer('history')).result
    expect(whole.warnings).toEqual([])
    await appendFile(path, '{"at":"20')
    expect((await answer('history')).result.warnings).toEqual([expect.stringContaining('cannot be read')])
    await rm(path)
    const rebuilt = await answer('history')
    expect(rebuilt.result.entries.map((entry: Document) => entry.at)).toEqual(
      whole.entries.map((entry: Document) => entry.at),
    )
    expect(await stagesRow()).toMatchObject({
      ok: false,
      cure: 'churn-ops doctor --fix',
    })
    expect(await stagesRow('--fix')).toMatchObject({ ok: true })
    expect((await answer('history')).result.warnings).toEqual([])
  })

  it('is put back by doctor when somebody moved stages or took the alias by hand', async () => {
    const before = await stages()
    byHand("UPDATE model_versions SET current_stage = 'Production' WHERE version = 1")
    byHand("UPDATE model_versions SET current_stage = 'Archived' WHERE version = 2")
    expect(await stagesRow()).toMatchObject({ ok: false })
    expect(await stagesRow('--fix')).toMatchObject({ ok: true })
    expect(await stages()).toEqual(before)
    byHand("DELETE FROM registered_model_aliases WHERE alias = 'champion'")
    expect(await stagesRow()).toMatchObject({ ok: false })
    expect(await stagesRow('--fix')).toMatchObject({ ok: true })
    expect(await stages()).toEqual(before)
  })

  it('is missed when it was deleted: no gate protects production then', async () => {
    // As MLflow itself does it.
    byHand('DELETE FROM registered_model_aliases WHERE version = 2')
    byHand("UPDATE model_versions SET current_stage = 'Deleted_Internal' WHERE version = 2")
    const { error, exitCode } = await answer('promote')
    expect([exitCode, error?.code]).toEqual([8, 'CHAMPION_GONE'])
    expect(error?.hint).toContain('churn-ops rollback')
    expect(await stagesRow()).toMatchObject({ ok: false })
    expect((await answer('rollback', '--to', '1')).result).toMatchObject({
      from: null,
      to: '1',
      applied: true,
    })
    expect(await stagesRow('--fix')).toMatchObject({ ok: true })
  })
})

describe('notices', () => {
  it('reach an address of the settings, and a dead one blocks nothing and is not repeated', async () => {
    const told: string[] = []
    const server = createServer((request, response) => {
      request.on('data', (chunk) => told.push(String(chunk)))
      request.on('end', () => response.end('{}'))
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as AddressInfo
    await folder.put(
      'notices.json',
      JSON.stringify({
        notices: [
          `json://127.0.0.1:${port}/hook`,
          'json://127.0.0.1:9/secret-path',
          'nonsense://secret-path',
        ],
      }),
    )
    await train(25, 8)
    const { result, exitCode } = await answer('promote', '--config', join(folder.path, 'notices.json'))
    server.close()
    expect(exitCode).toBe(0)
    expect(result).toMatchObject({ applied: true, gate: { outcome: 'better' } })
    expect(told.join('')).toContain('is live')
    expect(result.notes).toEqual([
      'The notice to address 2 of "notices" failed.',
      'The notice to address 3 of "notices" failed.',
    ])
    expect(JSON.stringify(result)).not.toContain('secret-path')
  })
})
