import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runMain } from '../helpers/run-main.js'
import { makeUpkeepStore } from '../helpers/upkeep-store.js'

// Each run imports MLflow and asks every package for its version.
const TIMEOUT_MS = 240_000

let folder: string

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'churn-ops-store-')))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Row {
  name: string
  ok: boolean
  message: string
  cure: string | null
}

// The port is another program's business.
const failing = (rows: Row[]): string[] =>
  rows.filter(({ ok, name }) => !ok && name !== 'port 8000').map(({ name }) => name)

async function doctor(options: string[], ...more: string[]) {
  const { exitCode, stdout, stderr } = await runMain(folder, 'doctor', '--json', ...options, ...more)
  const { ok, result, error } = JSON.parse(stdout)
  expect(error).toBeUndefined()
  expect(ok).toBe(true)
  const rows = new Map<string, Row>(result.checks.map((row: Row) => [row.name, row]))
  return { exitCode, rows, failing: failing(result.checks), mended: result.mended as string[], stderr }
}

describe('doctor on a whole store', { timeout: TIMEOUT_MS }, () => {
  it('has a row for each invariant, all of them well, and changes nothing', async () => {
    const options = await makeUpkeepStore(folder, 'whole')
    // The journal file is written by the command line alone; the store was made without it.
    await doctor(options, '--fix')
    const before = await readFile(join(folder, 'mlflow.db'))
    const found = await doctor(options)
    expect(found.failing).toEqual([])
    expect(found.rows.get('files of RandomForestGridSearch')?.message).toContain('6 versions')
    expect(found.rows.get('champion of RandomForestGridSearch')?.message).toContain('version 6')
    expect(found.rows.get('database')).toMatchObject({ ok: true })
    expect(found.mended).toBeUndefined()
    expect((await readFile(join(folder, 'mlflow.db'))).equals(before)).toBe(true)
  })

  it('names the version and the file that is damaged, and exits with 8', async () => {
    const options = await makeUpkeepStore(folder, 'whole')
    await doctor(options, '--fix')
    const { execFileSync } = await import('node:child_process')
    const skops = execFileSync('find', [folder, '-name', 'model.skops'], { encoding: 'utf8' })
      .trim()
      .split('\n')
    const victim = skops.find((path) => readFileSync(path, 'utf8').startsWith('a1')) ?? ''
    writeFileSync(victim, 'changed')
    const found = await doctor(options)
    expect(found.exitCode).toBe(8)
    expect(found.failing).toEqual(['files of RandomForestGridSearch'])
    const row = found.rows.get('files of RandomForestGridSearch')
    expect(row?.message).toContain('version 2')
    expect(row?.message).toContain('model.skops')
  })
})

describe('doctor on a store where processes were killed', { timeout: TIMEOUT_MS }, () => {
  it('says what is wrong; --fix mends it, and a second time changes not one byte and says so', async () => {
    const options = await makeUpkeepStore(folder, 'cut-off')
    const found = await doctor(options)
    expect(found.exitCode).toBe(8)
    expect(found.failing).toEqual([
      'stages of RandomForestGridSearch',
      'duplicates of RandomForestGridSearch',
      'runs',
      'leftovers',
    ])
    expect(found.rows.get('unfinished work')).toMatchObject({
      ok: true,
      message: expect.stringContaining('to resume them'),
    })

    const fixed = await doctor(options, '--fix')
    expect(fixed.failing).toEqual([])
    const said = fixed.mended.join('\n')
    expect(said).toMatch(/marked KILLED/)
    expect(said).toContain('version 7 was marked as a duplicate of version 1')
    expect(said).toContain('version 2 is in stage Production')
    expect(said).toContain('a move of version 3')
    expect(said).toContain('.mlflow.db.1999999999.new')
    expect(existsSync(join(folder, '.mlflow.db.1999999999.new'))).toBe(false)
    // Finished candidates are no litter: the next training takes them over.
    expect(existsSync(join(folder, '.churn-ops', 'work', `train-${'d'.repeat(16)}`))).toBe(true)

    const database = await readFile(join(folder, 'mlflow.db'))
    const journal = await readFile(join(folder, '.churn-ops', 'journal.jsonl'))
    const again = await doctor(options, '--fix')
    expect(again.mended).toEqual([])
    expect(again.failing).toEqual([])
    expect((await readFile(join(folder, 'mlflow.db'))).equals(database)).toBe(true)
    expect((await readFile(join(folder, '.churn-ops', 'journal.jsonl'))).equals(journal)).toBe(true)
  })
})
