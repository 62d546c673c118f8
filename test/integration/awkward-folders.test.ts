import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import { startProgram } from '../helpers/program.js'
import { testPython } from '../helpers/python.js'
import { runMain } from '../helpers/run-main.js'

const TIMEOUT_MS = 300_000
const GRID = ['n_estimators=5', 'max_depth=3', 'min_samples_split=2'].flatMap((part) => ['--grid', part])
// The first two are one path for whoever unquotes the second.
const PLAIN = 'aAb 20%'
const NAMES = [PLAIN, 'a%41b 20%', 'a?b#c%20', 'it\'s "q" façade;x&y=z+']

let parent: string
let table: string
let python: string

beforeAll(async () => {
  parent = realpathSync(mkdtempSync(join(tmpdir(), 'churn-ops-awkward-')))
  python = await testPython()
  table = join(parent, 'table.csv')
  const lines = readFileSync(join(packageRoot, 'data', 'telco-customer-churn.csv'), 'utf8')
  writeFileSync(table, `${lines.split('\n').slice(0, 601).join('\n')}\n`)
  mkdirSync(join(parent, 'projects'))
  for (const name of NAMES) {
    mkdirSync(join(parent, 'projects', name))
    writeFileSync(join(parent, 'projects', name, 'churn-ops.json'), JSON.stringify({ python }))
  }
})
afterAll(() => rmSync(parent, { recursive: true, force: true }))

const inFolder =
  (name: string) =>
  async (...argv: string[]) => {
    // As a user does: nothing names the store, the folder does.
    const program = startProgram([...argv, '--json'], {
      folder: join(parent, 'projects', name),
      variables: { MLFLOW_TRACKING_URI: undefined },
    })
    const { code, stdout, stderr } = await program.ended
    await program.cleanUp()
    expect(code, `${name}: ${argv.join(' ')}\n${stderr}`).toBe(0)
    return JSON.parse(stdout).result
  }

describe('a project in an awkward folder', { timeout: TIMEOUT_MS }, () => {
  it.each(NAMES)('%j runs the whole loop', async (name) => {
    const run = inFolder(name)
    const seed = String(NAMES.indexOf(name))
    await run('train', '--data', table, ...GRID, '--seed', seed)
    expect(await run('promote', '--policy', 'documents')).toMatchObject({ applied: true })
    expect((await run('models')).versions).toHaveLength(1)
    expect((await run('report', '1', '--output', join(parent, 'out', seed))).files.length).toBeGreaterThan(3)
    expect(await run('prune', '--dry-run')).toMatchObject({ applied: false })
    const again = await run('train', '--data', table, ...GRID, '--seed', seed)
    expect(again.candidates).toMatchObject([{ version: '1', reused: true }])
    expect(existsSync(join(parent, 'projects', name, 'mlruns', 'customerchurn', 'models'))).toBe(true)
  })

  it('shares nothing with the others, and leaves no folder beside them', async () => {
    expect(readdirSync(join(parent, 'projects')).sort()).toEqual([...NAMES].sort())
    for (const name of NAMES) expect((await inFolder(name)('models')).versions).toHaveLength(1)
  })

  it.each(NAMES.slice(1))('%j serves its champion', async (name) => {
    const program = startProgram(['serve', '--port', '0', '--json'], {
      folder: join(parent, 'projects', name),
      variables: { MLFLOW_TRACKING_URI: undefined },
    })
    try {
      const { url } = JSON.parse(await program.firstLine).result
      expect((await fetch(`${url}/ping`)).status).toBe(200)
    } finally {
      program.signalGroup('SIGTERM')
      await program.ended
      await program.cleanUp()
    }
    expect(readdirSync(join(parent, 'projects')).sort()).toEqual([...NAMES].sort())
  })

  it('has one store for MLflow and for us, by the lines of env', async () => {
    const [name = ''] = NAMES.slice(2)
    const folder = join(parent, 'projects', name)
    const script = `eval "$('${process.execPath}' '${join(packageRoot, 'dist', 'bin.js')}' env)" && '${join(dirname(python), 'mlflow')}' runs list --experiment-id 1`
    const listed = execFileSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' })
    expect(listed).toContain('RF_5_3_2')
  })
})

describe('a store that is named', { timeout: TIMEOUT_MS }, () => {
  it('is read as SQLAlchemy reads it', async () => {
    const asked = ['models', '--json', '--tracking-uri']
    for (const [uri, file] of [
      ['sqlite:///x%20y.db', join(parent, 'x y.db')],
      [`sqlite:///${parent}/fa%C3%A7ade.db`, join(parent, 'façade.db')],
    ] as const) {
      const { stdout, exitCode } = await runMain(parent, ...asked, uri, '--python', python)
      expect(exitCode).toBe(4)
      expect(JSON.parse(stdout).error.message).toContain(file)
    }
    const query = await runMain(parent, ...asked, 'sqlite:///a?b.db')
    expect([query.exitCode, JSON.parse(query.stdout).error.code]).toEqual([2, 'URL_INVALID'])
    expect(query.stderr).toContain('%3F')
    expect(readdirSync(parent).filter((found) => found.includes('.db'))).toEqual([])
  })

  it('in a folder whose name is no text is refused before anything is opened', () => {
    const folder = Buffer.concat([Buffer.from(`${parent}/bad-`), Buffer.from([0xff])])
    try {
      mkdirSync(folder)
    } catch {
      // A disk that takes text alone has no such folder.
      return
    }
    const script = `cd "$(printf '%s/bad-\\377' "$1")" && exec "$2" "$3" train --json`
    const bin = join(packageRoot, 'dist', 'bin.js')
    const { status, stdout } = spawnSync('sh', ['-c', script, 'sh', parent, process.execPath, bin], {
      encoding: 'utf8',
      env: { ...process.env, MLFLOW_TRACKING_URI: undefined },
    })
    const { error } = JSON.parse(stdout)
    expect([status, error.code]).toEqual([2, 'URL_INVALID'])
    expect(error.message).toContain('not UTF-8 text')
    expect(readdirSync(folder)).toEqual([])
  })
})
