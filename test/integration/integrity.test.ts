import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pythonVariables } from '../../src/compose.js'
import { type Program, startProgram } from '../helpers/program.js'
import { testPython } from '../helpers/python.js'
import { type MainAnswer, runForAnswer } from '../helpers/run-main.js'
import { TELCO_CSV, tableFolder } from '../helpers/table-folder.js'

// biome-ignore lint/suspicious/noExplicitAny: a document of the command line, read as a user's script would.
type Document = any

// Each command is a Node and a Python with MLflow: seconds alone, far more on a busy machine.
const SLOW_MS = 300_000
const MODEL = 'RandomForestGridSearch'
let python: string
let folder: Awaited<ReturnType<typeof tableFolder>>
let trained: Buffer
let programs: Program[] = []
const answer = (...argv: string[]): Promise<MainAnswer> =>
  runForAnswer(folder.path, ...argv, '--python', python)
const promote = ['promote', '--policy', 'documents']

beforeAll(async () => {
  python = await testPython()
  folder = await tableFolder()
  const lines = readFileSync(TELCO_CSV, 'utf8').split('\n').slice(0, 401)
  await folder.put('customers.csv', `${lines.join('\n')}\n`)
  const grid = ['n_estimators=3,9', 'max_depth=3', 'min_samples_split=5'].flatMap((each) => ['--grid', each])
  const { error } = await answer('train', '--data', 'customers.csv', ...grid)
  expect(error).toBeNull()
  trained = readFileSync(join(folder.path, 'mlflow.db'))
}, SLOW_MS)
// Every test begins with two versions of one training and nothing live.
beforeEach(() => {
  writeFileSync(join(folder.path, 'mlflow.db'), trained)
  rmSync(join(folder.path, '.churn-ops', 'journal.jsonl'), { force: true })
})
afterEach(async () => {
  await Promise.all(programs.map((program) => program.cleanUp()))
  programs = []
})
afterAll(async () => {
  await folder?.remove()
})

/** Runs the program for real; with a place, one of its two processes is killed there. */
async function program(argv: readonly string[], place?: string, kills?: 'parent'): Promise<number | null> {
  const started = startProgram([...argv, '--python', python, '--json'], {
    folder: folder.path,
    variables: { CHURN_OPS_CRASH_AT: place, CHURN_OPS_CRASH_KILLS: kills, MLFLOW_TRACKING_URI: undefined },
  })
  programs.push(started)
  return (await started.ended).code
}

async function state(): Promise<Document> {
  const { versions } = (await answer('models')).result
  const { entries, warnings } = (await answer('history')).result
  return {
    versions: versions.map(({ version, stage, aliases, reason, unfinished }: Document) => ({
      ...{ version, stage, aliases, reason, unfinished },
    })),
    moves: entries.map(({ action, version, previous, from, to }: Document) => [
      action,
      version,
      previous,
      from,
      to,
    ]),
    warnings,
  }
}

/** Runs a line of Python with `client`, MLflow's client of the store, at hand. */
function inPython(code: string): void {
  const begin = `import sys, mlflow\nuri = sys.argv[1]\nmlflow.set_tracking_uri(uri)\nclient = mlflow.MlflowClient(uri)\n`
  const env = { ...process.env, ...pythonVariables() }
  execFileSync(python, ['-c', begin + code, `sqlite:///${join(folder.path, 'mlflow.db')}`, folder.path], {
    env,
    stdio: 'pipe',
  })
}

/** Registers what plain MLflow pickles, with the highest F1 of all. */
const logPickle = (): void =>
  inPython(`
import pandas as pd, mlflow.sklearn
from mlflow.models import infer_signature
from sklearn.dummy import DummyClassifier
rows = pd.DataFrame({"tenure": [1.0, 2.0]})
model = DummyClassifier().fit(rows, [0, 1])
mlflow.sklearn.save_model(model, sys.argv[2] + "/pickled", signature=infer_signature(rows, [0, 1]), serialization_format="pickle", pip_requirements=["scikit-learn"])
client.create_model_version("${MODEL}", "file://" + sys.argv[2] + "/pickled", tags={"churnops.f1_score": "0.99"})
`)

describe('a promotion that is killed', () => {
  it.each([
    ['champion:after', undefined],
    ['previous:before', 'parent'],
    ['done:after', 'parent'],
  ] as const)(
    'at %s (%s) is finished by the same command, and its journal is whole',
    async (place, kills) => {
      // The other version first, so that there is a champion to replace.
      const [best, other] = (await answer('models')).result.versions
        .sort((a: Document, b: Document) => b.f1 - a.f1 || Number(a.version) - Number(b.version))
        .map((each: Document) => each.version)
      expect((await answer('rollback', '--to', other)).error).toBeNull()
      expect(await program(promote, place, kills)).not.toBe(0)
      const again = await answer(...promote)
      expect(again.error).toBeNull()
      expect(again.result).toMatchObject({ applied: true, champion: { version: best, previous: other } })
      const found = await state()
      expect(found.warnings).toEqual([])
      const live = found.versions.filter((each: Document) => each.stage === 'Production')
      expect(live).toMatchObject([{ version: best, aliases: ['champion'], unfinished: [] }])
      const promotions = found.moves.filter(([action]: Document) => action === 'promote')
      expect(promotions.at(-1)).toEqual(['promote', best, other, 'None', 'Production'])
      expect((await answer(...promote)).result).toMatchObject({ changed: 0 })
      const written = readFileSync(join(folder.path, '.churn-ops', 'journal.jsonl'), 'utf8')
      expect(written.trim().split('\n')).toHaveLength(found.moves.length)
    },
    SLOW_MS,
  )

  it(
    'as a rollback goes no step too far when it is run again',
    async () => {
      await answer('rollback', '--to', '1')
      await answer('rollback', '--to', '2')
      await answer('promote', '--policy', 'documents', '--allow', '1', '--allow', '2')
      const before = (await state()).versions.find((each: Document) =>
        each.aliases.includes('champion'),
      ).version
      const target = before === '1' ? '2' : '1'
      await answer('rollback', '--to', target, '--dry-run')
      expect(await program(['rollback', '--to', target], 'champion:after', 'parent')).not.toBe(0)
      const again = await answer('rollback')
      expect(again.result).toMatchObject({ from: before, to: target, applied: true })
      expect(again.result.notes[0]).toContain('had been interrupted; it was finished first')
      const found = await state()
      expect(found.versions.find((each: Document) => each.version === target)).toMatchObject({
        stage: 'Production',
        aliases: ['champion'],
      })
      expect(found.versions.find((each: Document) => each.version === before)).toMatchObject({
        stage: 'Archived',
      })
      // The mark of the rollback is there: the next promotion does not bring it back.
      expect((await answer(...promote)).result.champion.version).toBe(target)
    },
    SLOW_MS,
  )
})

it(
  'two promotions at once both succeed, and one version is live',
  async () => {
    expect(await Promise.all([program(promote), program(promote)])).toEqual([0, 0])
    const found = await state()
    expect(found.versions.filter((each: Document) => each.stage === 'Production')).toHaveLength(1)
    expect(found.moves.filter(([action]: Document) => action === 'promote')).toHaveLength(1)
  },
  SLOW_MS,
)

it(
  'a pickle is neither promoted, rolled back to nor served, unless exactly it is named',
  async () => {
    expect((await answer('rollback', '--to', '1')).error).toBeNull()
    logPickle()
    const before = await state()
    for (const refused of [
      promote,
      ['rollback', '--to', '3'],
      [...promote, '--allow-pickle', `${MODEL}@2`],
    ]) {
      const { exitCode, error } = await answer(...refused)
      expect([exitCode, error?.code], refused.join(' ')).toEqual([8, 'PICKLE_REFUSED'])
      expect(error?.hint).toContain(`--allow-pickle ${MODEL}@3`)
    }
    expect(await state()).toEqual(before)
    expect((await answer(...promote, '--allow-pickle', 'three')).exitCode).toBe(2)
    const named = await answer(...promote, '--allow-pickle', `${MODEL}@3`)
    expect(named.result).toMatchObject({ champion: { version: '3' }, applied: true })
    expect(named.result.notes).toEqual([
      expect.stringContaining('It is not known whether version'),
      expect.stringContaining('without churn-ops'),
    ])
    expect((await answer('serve', '--port', '0')).error).toMatchObject({ code: 'PICKLE_REFUSED' })
  },
  SLOW_MS,
)

it(
  'a damaged best version is not promoted, and the champion stays',
  async () => {
    expect((await answer('rollback', '--to', '1')).error).toBeNull()
    const { versions } = (await answer('models')).result
    const second = versions.find((each: Document) => each.version === '2')
    inPython(`client.set_model_version_tag("${MODEL}", "2", "churnops.f1_score", "0.98")`)
    const [record] = execFileSync('grep', ['-rl', second.runId, '--include=MLmodel', folder.path], {
      encoding: 'utf8',
    }).split('\n')
    const before = await state()
    appendFileSync(join(String(record), '..', 'requirements.txt'), '\n')
    const { exitCode, error } = await answer(...promote)
    expect([exitCode, error?.code]).toEqual([8, 'MODEL_INTEGRITY'])
    expect(error?.message).toContain('requirements.txt (changed)')
    expect(await state()).toEqual(before)
  },
  SLOW_MS,
)
