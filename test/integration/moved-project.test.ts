import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import { testPython } from '../helpers/python.js'
import { runMain } from '../helpers/run-main.js'

const TIMEOUT_MS = 300_000
const GRID = ['n_estimators=5', 'max_depth=3', 'min_samples_split=2'].flatMap((part) => ['--grid', part])

let parent: string
let old: string
let train: string[]

beforeAll(async () => {
  parent = realpathSync(mkdtempSync(join(tmpdir(), 'churn-ops-moved-')))
  old = join(parent, 'old')
  mkdirSync(old)
  const table = join(parent, 'table.csv')
  const rows = readFileSync(join(packageRoot, 'data', 'telco-customer-churn.csv'), 'utf8').split('\n')
  writeFileSync(table, `${rows.slice(0, 601).join('\n')}\n`)
  writeFileSync(join(old, 'churn-ops.json'), JSON.stringify({ python: await testPython() }))
  train = ['train', '--data', table, ...GRID]
  expect((await runMain(old, ...train)).exitCode).toBe(0)
  expect((await runMain(old, 'promote', '--policy', 'documents')).exitCode).toBe(0)
}, TIMEOUT_MS)
afterAll(() => rmSync(parent, { recursive: true, force: true }))

/** SHA-256 of every file; lock files may come and go. */
function bytesIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !/\.lock(\.queue)?$/.test(name) && statSync(join(folder, name)).isFile(),
  )
  return Object.fromEntries(
    files.sort().map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )
}

/** Every command that writes, deletes or reuses. */
const acting = (): string[][] => [
  train,
  [...train, '--force'],
  ['promote'],
  ['promote', '--dry-run'],
  ['rollback'],
  ['prune', '--keep', '1', '--yes'],
  ['prune', '--dry-run'],
  ['report', '1'],
  ['reproduce', '1'],
  ['serve', '--port', '0'],
  ['monitor', '--url', 'http://127.0.0.1:9'],
  ['doctor', '--fix'],
]

async function expectRefused(folder: string, recorded: string): Promise<void> {
  for (const argv of acting()) {
    const { exitCode, stdout } = await runMain(folder, ...argv, '--json')
    const { error } = JSON.parse(stdout)
    expect([exitCode, error?.code], argv.join(' ')).toEqual([8, 'STORE_MOVED'])
    expect(error.message).toContain(folder)
    expect(error.message).toContain(recorded)
    expect(error.hint).toContain('churn-ops doctor --relocate')
  }
}

describe.sequential('a project that was copied', { timeout: TIMEOUT_MS }, () => {
  let copy: string

  it('acts on nothing, neither its own nor its original’s', async () => {
    copy = join(parent, 'copy')
    cpSync(old, copy, { recursive: true })
    const before = [bytesIn(old), bytesIn(copy)]
    await expectRefused(copy, old)
    expect([bytesIn(old), bytesIn(copy)]).toEqual(before)
  })

  it('is still looked at, and doctor names the cure', async () => {
    expect(JSON.parse((await runMain(copy, 'models', '--json')).stdout).result.versions).toHaveLength(1)
    const { exitCode, stdout } = await runMain(copy, 'doctor', '--json')
    expect(exitCode).toBe(8)
    const failing = JSON.parse(stdout).result.checks.filter(({ ok }: { ok: boolean }) => !ok)
    expect(failing).toMatchObject([{ name: 'location of the files', cure: 'churn-ops doctor --relocate' }])
  })

  it('is not relocated without a word from somebody', async () => {
    const before = bytesIn(copy)
    const { exitCode, stdout } = await runMain(copy, 'doctor', '--relocate', '--json')
    expect([exitCode, JSON.parse(stdout).error.hint]).toEqual([
      2,
      expect.stringContaining('--relocate --yes'),
    ])
    expect(bytesIn(copy)).toEqual(before)
  })

  it('is relocated once, and then lives a life of its own', async () => {
    const original = bytesIn(old)
    const { exitCode, stdout } = await runMain(copy, 'doctor', '--relocate', '--yes', '--json')
    expect(exitCode).toBe(0)
    const { relocation } = JSON.parse(stdout).result
    expect(relocation).toMatchObject({ relocated: true, from: [old], to: copy, warnings: [] })
    expect(existsSync(relocation.backup)).toBe(true)
    const again = await runMain(copy, 'doctor', '--relocate', '--yes', '--json')
    expect(JSON.parse(again.stdout).result.relocation).toMatchObject({ relocated: false, isEmpty: true })
    for (const argv of [train, [...train, '--force'], ['report', '1'], ['prune', '--keep', '1', '--yes']])
      expect((await runMain(copy, ...argv)).exitCode, argv.join(' ')).toBe(0)
    expect(bytesIn(old)).toEqual(original)
  })
})

describe.sequential('a project that was renamed', { timeout: TIMEOUT_MS }, () => {
  let renamed: string

  it('does not make the old folder again', async () => {
    renamed = join(parent, 'new a%20b')
    renameSync(old, renamed)
    await expectRefused(renamed, old)
    expect(existsSync(old)).toBe(false)
  })

  it('is in place where a link leads from the old name to the new one', async () => {
    symlinkSync(renamed, old)
    const reused = await runMain(renamed, ...train, '--json')
    expect(JSON.parse(reused.stdout).result.candidates).toMatchObject([{ version: '1', reused: true }])
    rmSync(old)
  })

  it('works again after doctor --relocate', async () => {
    expect((await runMain(renamed, 'doctor', '--relocate', '--yes')).exitCode).toBe(0)
    const reused = await runMain(renamed, ...train, '--json')
    expect(JSON.parse(reused.stdout).result.candidates).toMatchObject([{ version: '1', reused: true }])
    expect((await runMain(renamed, 'promote', '--policy', 'documents')).exitCode).toBe(0)
    expect(existsSync(old)).toBe(false)
  })
})

describe.sequential('files that lie elsewhere on purpose', { timeout: TIMEOUT_MS }, () => {
  it('stay where they are when the project is renamed, and are deleted by no copy of it', async () => {
    const [first, moved, copy, files] = ['first', 'moved', 'shared copy', 'files'].map((name) =>
      join(parent, name),
    )
    mkdirSync(String(first))
    cpSync(join(parent, 'new a%20b', 'churn-ops.json'), join(String(first), 'churn-ops.json'))
    const shared = [...train, '--artifacts', String(files)]
    expect((await runMain(String(first), ...shared)).exitCode).toBe(0)
    renameSync(String(first), String(moved))
    expect((await runMain(String(moved), ...shared)).exitCode).toBe(0)
    expect((await runMain(String(moved), 'promote', '--policy', 'documents')).exitCode).toBe(0)
    cpSync(String(moved), String(copy), { recursive: true })
    const before = bytesIn(String(files))
    const { exitCode, stdout } = await runMain(String(copy), 'prune', '--keep', '1', '--yes', '--json')
    expect([exitCode, JSON.parse(stdout).error.code]).toEqual([8, 'STORE_MOVED'])
    expect(JSON.parse(stdout).error.message).toContain(String(moved))
    expect(bytesIn(String(files))).toEqual(before)
  })
})
