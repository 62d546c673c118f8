import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../src/process/ask.js'
import { runMain } from '../helpers/run-main.js'
import { makeUpkeepStore } from '../helpers/upkeep-store.js'

// Each run imports MLflow.
const TIMEOUT_MS = 240_000

describe('prune', { timeout: TIMEOUT_MS }, () => {
  let folder: string
  let options: string[]
  const database = () => readFile(join(folder, 'mlflow.db'))
  const run = (...argv: string[]) => runMain(folder, ...argv, ...options)

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'churn-ops-prune-')))
    options = await makeUpkeepStore(folder, 'whole')
  }, TIMEOUT_MS)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('without a terminal deletes nothing unless told --yes, and exits with 2', async () => {
    const before = await database()
    const { exitCode, stdout, stderr } = await run('prune', '--keep', '1', '--json')
    expect({ exitCode, code: JSON.parse(stdout).error.code }).toEqual({ exitCode: 2, code: 'USAGE' })
    expect(stderr).toContain('nothing was deleted')
    expect(stderr).toContain('--yes')
    expect((await database()).equals(before)).toBe(true)
  })

  it('refuses a number that is none before it starts Python', async () => {
    const { exitCode, stderr } = await run('prune', '--keep', 'some')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--keep some is not a whole number')
  })

  it('shows with --dry-run what would go, and why the rest stays', async () => {
    const before = await database()
    const { exitCode, stdout } = await run('prune', '--keep', '1', '--dry-run', '--json')
    const { result } = JSON.parse(stdout)
    expect({ exitCode, applied: result.applied }).toEqual({ exitCode: 0, applied: false })
    expect(
      result.plan.map((item: Record<string, string>) => [item.version, item.action, item.reason]),
    ).toEqual([
      ['1', 'delete', 'its training is not one of the newest 1'],
      ['2', 'delete', 'its training is not one of the newest 1'],
      ['3', 'delete', 'its training is not one of the newest 1'],
      ['4', 'delete', 'its training is not one of the newest 1'],
      ['5', 'keep', 'it has the alias previous'],
      ['6', 'keep', 'it has the alias champion'],
    ])
    expect(result.freedBytes).toBeGreaterThan(4000)
    expect((await database()).equals(before)).toBe(true)
    expect(existsSync(join(folder, '.churn-ops', 'journal.jsonl'))).toBe(false)
  })

  it('deletes with --yes; the history keeps what was live, and nobody can go back to what is gone', async () => {
    const { exitCode, stdout } = await run('prune', '--keep', '1', '--yes', '--json')
    const { result } = JSON.parse(stdout)
    expect({ exitCode, deleted: result.deleted, skipped: result.skipped, applied: result.applied }).toEqual({
      exitCode: 0,
      deleted: ['1', '2', '3', '4'],
      skipped: [],
      applied: true,
    })
    const models = JSON.parse((await run('models', '--json')).stdout).result
    expect(models.versions.map((each: { version: string }) => each.version)).toEqual(['6', '5'])
    const { entries } = JSON.parse((await run('history', '--json')).stdout).result
    expect(entries.map((entry: { version: string }) => entry.version)).toEqual(['2', '5', '6'])
    const back = await run('rollback', '--to', '2', '--json')
    expect(back.exitCode).toBe(4)
    expect(JSON.parse(back.stdout).error.code).toBe('VERSION_UNKNOWN')
    const again = await run('prune', '--keep', '1')
    expect(again.exitCode).toBe(0)
    expect(again.stdout).toContain('Nothing to delete.')
  })
})

describe('the question on a terminal', () => {
  const terminal = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY })
  const answer = (typed: string | null): Promise<boolean | null> => {
    const input = terminal(true)
    const output = terminal(true)
    output.resume()
    if (typed === null) input.end()
    else input.write(typed)
    return ask('Delete? ', { input, output })
  }

  it('takes y and yes for yes, and everything else, the end of input too, for no', async () => {
    expect(await Promise.all(['y\n', 'YES\n', ' yes \n'].map(answer))).toEqual([true, true, true])
    expect(await Promise.all(['\n', 'n\n', 'yep\n', null].map(answer))).toEqual([false, false, false, false])
  })

  it('is not asked where nobody can see or answer it', async () => {
    expect(await ask('', { input: terminal(false), output: terminal(true) })).toBeNull()
    expect(await ask('', { input: terminal(true), output: terminal(false) })).toBeNull()
  })
})
