import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import { runToEnd } from '../../src/process/run.js'
import { testPython } from '../helpers/python.js'
import { type MainRun, runMain } from '../helpers/run-main.js'
import { makeWorkspace, type Workspace } from '../helpers/workspace.js'

const MAKE = 'import sys; from old_store import make_old_store; make_old_store(sys.argv[1])'

let workspace: Workspace
let database: string

beforeAll(async () => {
  workspace = await makeWorkspace()
  database = join(workspace.path, 'mlflow.db')
  const made = await runToEnd(await testPython(), ['-c', MAKE, `sqlite:///${database}`], {
    environment: { PYTHONPATH: join(packageRoot, 'test', 'python') },
  })
  expect(made.exitCode, made.stderr).toBe(0)
})

afterAll(() => workspace.remove())

const run = (...argv: string[]): Promise<MainRun> => runMain(workspace.path, ...argv, '--tracking-uri', uri())
const uri = (): string => `sqlite:///${database}`
const bytes = (): string => createHash('sha256').update(readFileSync(database)).digest('hex')
const backups = (): string[] => readdirSync(workspace.path).filter((name) => name.includes('.backup-'))

test.sequential('no command upgrades an older store unasked, the web UI no more than the others', async () => {
  const before = bytes()
  for (const argv of [['models'], ['ui', '--port', '0'], ['serve', '--port', '0'], ['promote']]) {
    const refused = await run(...argv, '--json')
    expect(refused.exitCode, argv.join(' ')).toBe(7)
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: 'STORE_SCHEMA',
      hint: expect.stringContaining('churn-ops doctor --upgrade-store'),
    })
  }
  const { checks } = JSON.parse((await run('doctor', '--json')).stdout).result
  expect(
    checks.find(({ ok, name }: { ok: boolean; name: string }) => !ok && name.startsWith('model')),
  ).toMatchObject({
    cure: expect.stringContaining('churn-ops doctor --upgrade-store'),
  })
  expect(bytes()).toBe(before)
  expect(backups()).toEqual([])
})

test.sequential('doctor --upgrade-store keeps a backup and every version', async () => {
  const before = bytes()
  const upgraded = await run('doctor', '--upgrade-store', '--json')
  expect(upgraded.exitCode, upgraded.stderr).toBe(0)
  const { upgrade } = JSON.parse(upgraded.stdout).result
  expect(upgrade).toMatchObject({ upgraded: true, from: '0584bdc529eb' })
  expect(existsSync(upgrade.backup)).toBe(true)
  expect(bytes()).not.toBe(before)
  const { versions } = JSON.parse((await run('models', '--json')).stdout).result
  expect(versions).toMatchObject([
    { version: '2', aliases: ['champion'], stage: 'Production' },
    { version: '1' },
  ])
})

test.sequential('a second time there is nothing to upgrade', async () => {
  const before = bytes()
  const again = await run('doctor', '--upgrade-store')
  expect(again.exitCode).toBe(0)
  expect(again.stdout).toContain('There is nothing to upgrade')
  expect(bytes()).toBe(before)
  expect(backups()).toHaveLength(1)
})

test.sequential('a store that is not there is not made', async () => {
  rmSync(database)
  const missing = await run('doctor', '--upgrade-store')
  expect(missing.exitCode).toBe(4)
  expect(existsSync(database)).toBe(false)
})
