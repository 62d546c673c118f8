import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import { portHolder } from '../../src/process/port-holder.js'
import { descendants } from '../../src/process/process-tree.js'
import { type Program, startProgram, untilGone } from '../helpers/program.js'
import { testPython } from '../helpers/python.js'
import { runMain } from '../helpers/run-main.js'

const GONE_WITHIN_MS = 2_000
// Two Python processes import MLflow one after the other: ten seconds alone, far more on a busy machine.
const SLOW_MS = 300_000
let folder: string
let python: string
let program: Program | undefined

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'churn-ops-store-'))
  python = await testPython()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(async () => {
  await program?.cleanUp()
  program = undefined
})

async function ui(): Promise<{ program: Program; url: string; pid: number; port: number }> {
  program = startProgram(['ui', '--port', '0', '--python', python, '--json'], { folder })
  const { result } = JSON.parse(await program.firstLine)
  return { program, ...result, port: Number(new URL(result.url).port) }
}

function statusFor(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .once('error', reject)
      .end()
  })
}

test(
  'the web UI answers to its own names only, without helpers of its own; SIGTERM leaves nothing',
  async () => {
    const { program, url, port } = await ui()
    expect(await statusFor(url, `127.0.0.1:${port}`)).toBe(200)
    expect(await statusFor(url, `localhost:${port}`)).toBe(200)
    expect(await statusFor(url, 'evil.example')).toBe(403)
    const tree = await descendants(program.pid)
    // Ourselves, the launcher and its guard, mlflow and one worker: no job runner.
    expect(tree).toHaveLength(5)
    process.kill(program.pid, 'SIGTERM')
    expect(await untilGone(tree, program.temporary)).toBeLessThan(GONE_WITHIN_MS)
    expect((await program.ended).code).toBe(143)
    // The kernel may close the socket a moment after the process is gone.
    await vi.waitFor(async () => expect(await portHolder(port)).toBeNull(), GONE_WITHIN_MS)
  },
  SLOW_MS,
)

test(
  'a web UI whose launcher is killed is told as ended, and nothing of it is left',
  async () => {
    const { program, pid, port } = await ui()
    const tree = await descendants(program.pid)
    process.kill(pid, 'SIGKILL')
    expect(await untilGone(tree, program.temporary)).toBeLessThan(GONE_WITHIN_MS)
    const { code, stderr } = await program.ended
    expect(code).toBe(5)
    expect(stderr).toContain('ended by itself')
    // The kernel may close the socket a moment after the process is gone.
    await vi.waitFor(async () => expect(await portHolder(port)).toBeNull(), GONE_WITHIN_MS)
  },
  SLOW_MS,
)

test('a store behind HTTP has its web UI already', async () => {
  const run = await runMain(folder, 'ui', '--tracking-uri', 'http://127.0.0.1:5999', '--json')
  expect(run.exitCode).toBe(0)
  expect(JSON.parse(run.stdout).result).toEqual({ url: 'http://127.0.0.1:5999', pid: null })
})

test.runIf(process.platform === 'linux')(
  'a web UI whose address could not be told is stopped again, with exit code 5',
  () => {
    const full = openSync('/dev/full', 'w')
    const argv = [join(packageRoot, 'dist', 'bin.js'), 'ui', '--port', '0', '--python', python, '--quiet']
    const ended = spawnSync(process.execPath, argv, { cwd: folder, stdio: ['ignore', full, 'pipe'] })
    closeSync(full)
    expect([ended.status, String(ended.stderr)]).toEqual([5, expect.stringContaining('was stopped')])
  },
  SLOW_MS,
)
