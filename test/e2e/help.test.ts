import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands/all.js'
import { packageRoot } from '../../src/compose.js'

const BIN = join(packageRoot, 'dist', 'bin.js')
const LIMIT_MS = 300
// What a bare Node takes to start on an idle machine; above it the machine has other work, which slows us as much.
const IDLE_NODE_MS = 60
const RUNS = 5

let folder: string
let marker: string
let variables: NodeJS.ProcessEnv

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'churn-ops-help-'))
  marker = join(folder, 'python-was-started')
  const programs = join(folder, 'bin')
  mkdirSync(programs)
  for (const name of ['python3', 'python', 'python3.11', 'python3.12', 'python3.13', 'uv']) {
    writeFileSync(join(programs, name), `#!/bin/sh\n: > '${marker}'\n`)
    chmodSync(join(programs, name), 0o755)
  }
  variables = { PATH: programs, HOME: folder, CHURN_OPS_HOME: join(folder, 'home') }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(...argv: string[]): { text: string; code: number | null; elapsedMs: number } {
  const startedAt = performance.now()
  const { stdout, status } = spawnSync(process.execPath, argv, {
    cwd: folder,
    env: variables,
    encoding: 'utf8',
  })
  return { text: stdout, code: status, elapsedMs: performance.now() - startedAt }
}

function fastest(...argv: string[]): number {
  return Math.min(...Array.from({ length: RUNS }, () => run(...argv).elapsedMs))
}

test('--help answers in under 0.3 s', () => {
  const bare = fastest('-e', '0')
  const limit = LIMIT_MS * Math.max(1, bare / IDLE_NODE_MS)
  expect(fastest(BIN, '--help'), `bare node: ${bare.toFixed(0)} ms`).toBeLessThan(limit)
})

test('--help of every command names its options and starts no Python', () => {
  expect(run(BIN, '--version')).toMatchObject({ code: 0, text: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  const all = run(BIN, '--help').text
  for (const command of COMMANDS) {
    expect(all).toContain(`churn-ops ${command.name}`)
    if (command.passThrough === true) continue
    const { code, text } = run(BIN, command.name, '--help')
    expect(code).toBe(0)
    for (const option of Object.keys(command.options ?? {})) expect(text).toContain(`--${option}`)
  }
  expect(existsSync(marker)).toBe(false)
})

test('the marker of the test above is written when Python is started', () => {
  run(BIN, 'setup')
  expect(existsSync(marker)).toBe(true)
})
