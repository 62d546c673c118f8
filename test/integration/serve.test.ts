import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { packageRoot, pythonVariables } from '../../src/compose.js'
import { portHolder } from '../../src/process/port-holder.js'
import { descendants } from '../../src/process/process-tree.js'
import { type LiveModel, makeLiveModel } from '../helpers/live-model.js'
import { type Program, startProgram, untilGone } from '../helpers/program.js'
import { testPython } from '../helpers/python.js'
import { runMain } from '../helpers/run-main.js'

// What the user was promised: Ctrl-C or a kill leaves nothing within two seconds.
const GONE_WITHIN_MS = 2_000
// Two Python processes import MLflow one after the other: ten seconds alone, far more on a busy machine.
const SLOW_MS = 300_000
let folder: string
let live: LiveModel
let python: string
let program: Program | undefined

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'churn-ops-store-'))
  live = await makeLiveModel(folder)
  python = await testPython()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(async () => {
  await program?.cleanUp()
  program = undefined
})

async function serve(): Promise<{
  program: Program
  url: string
  version: string
  pid: number
  port: number
}> {
  program = startProgram(['serve', '--engine', 'mlflow', '--port', '0', '--python', python, '--json'], {
    folder,
  })
  const document = JSON.parse(await program.firstLine)
  expect(document).toMatchObject({ protocol: 1, command: 'serve', ok: true })
  return { program, ...document.result, port: Number(new URL(document.result.url).port) }
}

test(
  'the version in production answers curl and predict; Ctrl-C leaves no process, port or file',
  async () => {
    const { program, url, version, pid, port } = await serve()
    expect(version).toBe(live.version)
    // What the version has learned is written down for predict.
    const record = JSON.parse(await readFile(join(folder, '.churn-ops', `serve-${port}.json`), 'utf8'))
    const learned = new Map(record.columns.map((column: { name: string }) => [column.name, column]))
    expect(learned.size).toBe(19)
    expect(learned.get('Contract')).toMatchObject({
      kind: 'category',
      values: ['Month-to-month', 'One year', 'Two year'],
    })
    expect(learned.get('tenure')).toMatchObject({ kind: 'number', sensitive: false, values: null })

    const curl = await fetch(`${url}/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: await readFile(join(packageRoot, 'test.json'), 'utf8'),
    })
    expect(await curl.json()).toEqual({ predictions: [expect.any(Number), expect.any(Number)] })

    const scored = await runMain(folder, 'predict', live.data, '--url', url, '--json')
    const { result } = JSON.parse(scored.stdout)
    expect(result).toMatchObject({
      version: live.version,
      counts: { rows: 400, scored: 400, rejected: 0 },
      warnings: [],
    })
    const { label, probability, threshold } = result.predictions[0]
    expect(label).toBe(probability >= threshold ? 1 : 0)

    const piped = startProgram(['predict', '-', '--url', url, '--format', 'csv'], {
      folder,
      input: await readFile(join(packageRoot, 'test.json'), 'utf8'),
    })
    expect((await piped.ended).stdout.trimEnd().split('\n')).toHaveLength(3)
    await piped.cleanUp()

    // Told before an interpreter is looked for.
    const second = await runMain(folder, 'serve', '--port', String(port), '--python', '/nowhere', '--json')
    expect(second.exitCode).toBe(5)
    const holder = await portHolder(port)
    expect(JSON.parse(second.stdout).error).toMatchObject({
      code: 'PORT_IN_USE',
      details: { port, ...holder },
    })

    const tree = await descendants(program.pid)
    // The front is the program itself; MLflow's server runs below it.
    expect([pid, holder?.pid]).toEqual([program.pid, program.pid])
    expect(tree.length).toBeGreaterThan(1)
    program.signalGroup('SIGINT')
    expect(await untilGone(tree, program.temporary)).toBeLessThan(GONE_WITHIN_MS)
    const { code, stdout } = await program.ended
    expect(code).toBe(130)
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    // The kernel may close the socket a moment after the process is gone.
    await vi.waitFor(async () => expect(await portHolder(port)).toBeNull(), GONE_WITHIN_MS)
    expect(existsSync(join(folder, '.churn-ops', `serve-${port}.json`))).toBe(false)
    // A server leaves the files of the version as they were.
    const files = readdirSync(join(folder, 'mlruns'), { recursive: true, encoding: 'utf8' })
    expect(files.filter((path) => path.includes('__pycache__'))).toEqual([])
  },
  SLOW_MS,
)

test(
  'SIGKILL leaves no process, port or file either, and the record of the dead server is not believed',
  async () => {
    const { program, url, port } = await serve()
    const tree = await descendants(program.pid)
    process.kill(program.pid, 'SIGKILL')
    expect(await untilGone(tree, program.temporary)).toBeLessThan(GONE_WITHIN_MS)
    // The kernel may close the socket a moment after the process is gone.
    await vi.waitFor(async () => expect(await portHolder(port)).toBeNull(), GONE_WITHIN_MS)
    const scored = await runMain(folder, 'predict', live.data, '--url', url, '--json')
    expect(scored.exitCode).toBe(7)
  },
  SLOW_MS,
)

test(
  'a model that does not load ends the start with the reason, and nothing is left',
  async () => {
    // The list of files is renewed, or the server would not be started at all.
    const code = `
import json, sys, zipfile
sys.path.insert(0, ${JSON.stringify(join(packageRoot, 'python'))})
from churn_ops.artifacts import manifest
from churn_ops.artifacts.fetch import version_folder
from churn_ops.store.connect import connect
client = connect(sys.argv[1])
folder = version_folder(client, "RandomForestGridSearch", "1")
with zipfile.ZipFile(folder / "model.skops") as old:
    files = {name: old.read(name) for name in old.namelist()}
with zipfile.ZipFile(folder / "model.skops", "w") as new:
    for name, content in files.items():
        new.writestr(name, content if name == "schema.json" else b"no array")
client.set_model_version_tag("RandomForestGridSearch", "1", "churnops.manifest", manifest.write(folder))
`
    execFileSync(python, ['-c', code, live.trackingUri], { env: { ...process.env, ...pythonVariables() } })
    program = startProgram(['serve', '--engine', 'mlflow', '--port', '0', '--python', python, '--json'], {
      folder,
    })
    const { code: exitCode, stdout } = await program.ended
    const { error } = JSON.parse(stdout)
    expect(exitCode).toBe(5)
    expect(error.code).toBe('SERVER_START')
    expect(error.details.lastLines.length).toBeLessThanOrEqual(20)
    expect(readdirSync(program.temporary)).toEqual([])
    const compiled = await runMain(folder, 'serve', '--port', '0', '--python', python, '--json')
    expect([compiled.exitCode, JSON.parse(compiled.stdout).error]).toEqual([
      8,
      expect.objectContaining({
        code: 'MODEL_INTEGRITY',
        message: expect.stringContaining('its model cannot be loaded'),
      }),
    ])
  },
  SLOW_MS,
)

test(
  'files that are not those that were registered are not even given to a server',
  async () => {
    const models = join(folder, 'mlruns')
    const file = readdirSync(models, { recursive: true, encoding: 'utf8' }).find((path) =>
      path.endsWith('model.skops'),
    )
    writeFileSync(join(models, file ?? ''), 'no model')
    const { exitCode, stdout } = await runMain(
      folder,
      'serve',
      ...['--port', '0', '--python', python, '--json'],
    )
    expect(exitCode).toBe(8)
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'MODEL_INTEGRITY',
      message: expect.stringContaining('model.skops (changed)'),
    })
  },
  SLOW_MS,
)

test(
  'without any version the next command is named',
  async () => {
    const empty = mkdtempSync(join(tmpdir(), 'churn-ops-store-'))
    const run = await runMain(empty, 'serve', '--port', '0', '--python', python, '--json')
    rmSync(empty, { recursive: true })
    expect(run.exitCode).toBe(4)
    expect(JSON.parse(run.stdout).error).toMatchObject({
      code: 'NO_VERSIONS',
      hint: expect.stringContaining('churn-ops train'),
    })
  },
  SLOW_MS,
)
