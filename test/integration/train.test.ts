import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testPython } from '../helpers/python.js'
import { type MainRun, runMain } from '../helpers/run-main.js'
import { tableFolder, telcoRows } from '../helpers/table-folder.js'

type Json = Record<string, unknown>
type Folder = Awaited<ReturnType<typeof tableFolder>>

const GRID = ['--grid', 'n_estimators=10,20', '--grid', 'max_depth=4,none', '--grid', 'min_samples_split=5']
let python: string
let folder: Folder

beforeAll(async () => {
  python = await testPython()
  folder = await tableFolder()
})
afterAll(() => folder.remove())

const run = (...argv: string[]): Promise<MainRun> =>
  runMain(folder.path, ...argv, '--json', '--python', python)

function documentOf(output: MainRun): {
  ok: boolean
  result: Json
  error: Json & { code: string; hint: string }
} {
  const lines = output.stdout.trim().split('\n')
  expect(lines, 'exactly one document').toHaveLength(1)
  return JSON.parse(lines[0] ?? '')
}

describe('train, promote, models', () => {
  let trained: Json & { candidates: (Json & { version: string; metrics: Record<string, number> })[] }

  beforeAll(async () => {
    const { header, rows } = telcoRows(400)
    await folder.put('customers.csv', [header, ...rows])
    const output = await run('train', '--data', 'customers.csv', ...GRID)
    expect(output.exitCode, output.stderr).toBe(0)
    trained = documentOf(output).result as typeof trained
  })

  it('registers every candidate as a version and tells what it measured', () => {
    expect(trained.candidates.map((candidate) => Number(candidate.version)).sort()).toEqual([1, 2, 3, 4])
    expect(trained).toMatchObject({
      model: 'RandomForestGridSearch',
      split: { trainRows: 320, testRows: 80, splitSeed: 42 },
      dataset: { rows: 400, path: join(folder.path, 'customers.csv') },
      best: { version: expect.any(String) },
      durationMs: expect.any(Number),
      phases: { fit: expect.any(Number) },
    })
    for (const { metrics } of trained.candidates) {
      expect(Object.keys(metrics)).toEqual(
        expect.arrayContaining([
          'accuracy',
          'precision',
          'recall',
          'f1_score',
          'roc_auc',
          'log_loss',
          'f1_oof',
        ]),
      )
    }
  })

  it('keeps its files beside the store and nothing unfinished', async () => {
    expect((await readdir(folder.path)).sort()).toEqual([
      '.churn-ops',
      'customers.csv',
      'mlflow.db',
      'mlruns',
    ])
    expect(await readdir(join(folder.path, '.churn-ops', 'work'))).toEqual([])
  })

  it('gives the same F1 to the last digit for the same data, seed and lock', async () => {
    const again = documentOf(await run('train', '--data', 'customers.csv', ...GRID, '--force'))
      .result as typeof trained
    const f1 = (result: typeof trained): unknown[] =>
      result.candidates.map(({ name, metrics }) => [name, metrics.f1_score, metrics.f1_oof])
    expect(again.candidates.every((candidate) => candidate.reused === false)).toBe(true)
    expect(f1(again)).toEqual(f1(trained))
  })

  it('reuses what is there when the same training runs again', async () => {
    const again = documentOf(await run('train', '--data', 'customers.csv', ...GRID)).result as typeof trained
    expect(again.candidates.map(({ version, reused }) => [version, reused])).toEqual(
      trained.candidates.map(({ version }) => [version, true]),
    )
  })

  it('shows the plan of a dry run and changes nothing', async () => {
    const plan = documentOf(await run('promote', '--dry-run')).result
    expect(plan.applied).toBe(false)
    const { versions } = documentOf(await run('models')).result as { versions: { stage: string }[] }
    expect(new Set(versions.map(({ stage }) => stage))).toEqual(new Set(['None']))
  })

  // So few customers show no skill, nor are they enough for a first champion.
  const promote = ['promote', '--allow-no-skill', 'a table for tests']

  it('puts the best by out-of-bag F1 live, and a second run changes nothing', async () => {
    const first = documentOf(await run(...promote)).result as { champion: { version: string; f1: number } }
    const best = [...trained.candidates].sort(
      (a, b) => (b.metrics.f1_oof ?? 0) - (a.metrics.f1_oof ?? 0) || Number(a.version) - Number(b.version),
    )[0]
    expect(first).toMatchObject({ policy: 'gated', gate: null, rules: { floor: 0.56 } })
    expect(first.champion.f1).toBe(best?.metrics.f1_score)
    const database = await readFile(join(folder.path, 'mlflow.db'))
    const second = documentOf(await run(...promote)).result
    expect(second).toMatchObject({ applied: true, changed: 0, champion: { version: first.champion.version } })
    expect((await readFile(join(folder.path, 'mlflow.db'))).equals(database)).toBe(true)
    const { versions } = documentOf(await run('models')).result as { versions: (Json & { stage: string })[] }
    const live = versions.filter(({ stage }) => stage === 'Production')
    expect(live).toMatchObject([{ version: first.champion.version, aliases: ['champion'] }])
  }, 180_000)

  it("puts the version with the highest test F1 live under the documents' policy", async () => {
    const plan = documentOf(await run(...promote, '--policy', 'documents', '--dry-run')).result as {
      champion: { f1: number }
    }
    expect(plan.champion.f1).toBe(Math.max(...trained.candidates.map(({ metrics }) => metrics.f1_score ?? 0)))
  })

  it('writes every move into the journal', async () => {
    const lines = (await readFile(join(folder.path, '.churn-ops', 'journal.jsonl'), 'utf8'))
      .trim()
      .split('\n')
    const entries = lines.map((line) => JSON.parse(line) as Json)
    expect(entries.length).toBeGreaterThanOrEqual(4)
    expect(entries[0]).toMatchObject({
      action: 'promote',
      to: 'Production',
      policy: 'gated',
      policySha256: expect.stringMatching(/^[0-9a-f]{16}$/),
      reason: expect.stringContaining('f1_oof'),
    })
  })

  it('refuses an unknown policy', async () => {
    const output = await run('promote', '--policy', 'nonsense')
    expect(output.exitCode).toBe(2)
    expect(documentOf(output).error.code).toBe('POLICY_INVALID')
  })
})

describe('train on bad input', () => {
  let bad: Folder
  beforeAll(async () => {
    bad = await tableFolder()
  })
  afterAll(() => bad.remove())

  const trainOn = async (name: string, rows: string[][] | string, ...more: string[]): Promise<MainRun> => {
    await bad.put(name, rows)
    return runMain(bad.path, 'train', '--data', name, '--json', '--python', python, ...GRID, ...more)
  }

  it.each([
    ['an empty file', 'empty.csv', (): string => '', 'DATA_EMPTY', 3],
    ['a header alone', 'header.csv', (): string[][] => [telcoRows(0).header], 'DATA_EMPTY', 3],
    [
      'one class only',
      'stayed.csv',
      (): string[][] => {
        const { header, rows } = telcoRows(200)
        return [header, ...rows.filter((row) => row.at(-1) === 'No')]
      },
      'DATA_ONE_CLASS',
      3,
    ],
    [
      'too few rows',
      'few.csv',
      (): string[][] => {
        const { header, rows } = telcoRows(8)
        return [header, ...rows]
      },
      'DATA_TOO_FEW',
      3,
    ],
    [
      'a word where a number belongs',
      'word.csv',
      (): string[][] => {
        const { header, rows } = telcoRows(50)
        const tenure = header.indexOf('tenure')
        return [header, ...rows.map((row, at) => (at === 6 ? row.with(tenure, 'long') : row))]
      },
      'DATA_INVALID',
      3,
    ],
  ])('refuses %s and registers nothing', async (_what, name, rows, code, exitCode) => {
    const output = await trainOn(name, rows())
    expect(output.exitCode, output.stderr).toBe(exitCode)
    expect(documentOf(output).error).toMatchObject({ code, hint: expect.any(String) })
    expect(existsSync(join(bad.path, 'mlflow.db'))).toBe(false)
  })

  it('names the bad row in the failure, keeps it in quarantine, and goes on under --max-invalid', async () => {
    const { header, rows } = telcoRows(300)
    const tenure = header.indexOf('tenure')
    const table = [header, ...rows.map((row, at) => (at === 6 ? row.with(tenure, 'long') : row))]
    const refused = documentOf(await trainOn('word.csv', table)).error
    expect(refused.details).toMatchObject({
      invalid: 1,
      problems: [{ line: 8, column: 'tenure', value: 'long', message: expect.any(String) }],
    })
    expect(await readFile(join(bad.path, 'word.quarantine.csv'), 'utf8')).toContain('long')
    const accepted = await trainOn('word.csv', table, '--max-invalid', '1')
    expect(accepted.exitCode, accepted.stderr).toBe(0)
    expect(documentOf(accepted).result).toMatchObject({ invalid: 1, split: { trainRows: 239, testRows: 60 } })
  })

  it('refuses a directory, a missing file, a bad grid and a misspelt option with the code of each', async () => {
    await mkdir(join(bad.path, 'folder.csv'), { recursive: true })
    const cases: [string[], string, number][] = [
      [['train', '--data', 'folder.csv'], 'DATA_UNREADABLE', 3],
      [['train', '--data', 'nowhere.csv'], 'DATA_UNREADABLE', 3],
      [['train', '--grid', 'n_estimators=0'], 'GRID_INVALID', 2],
      [['train', '--grid', 'n_estimator=5'], 'GRID_INVALID', 2],
      [['train', '--splitseed', '5'], 'USAGE', 2],
    ]
    for (const [argv, code, exitCode] of cases) {
      const output = await runMain(bad.path, ...argv, '--json', '--python', python)
      expect(output.exitCode, argv.join(' ')).toBe(exitCode)
      expect(documentOf(output).error.code, argv.join(' ')).toBe(code)
    }
  })

  it.skipIf(process.getuid?.() === 0)('refuses a folder that it may not write to', async () => {
    // Root may write everywhere: skipped there; the check itself is tested in test/python.
    const locked = join(bad.path, 'locked')
    await mkdir(locked)
    await chmod(locked, 0o500)
    const output = await runMain(locked, 'train', '--json', '--python', python)
    expect(output.exitCode).toBe(5)
  })

  it('says that there is no store yet instead of making one', async () => {
    const empty = await tableFolder()
    const output = await runMain(empty.path, 'promote', '--json', '--python', python)
    expect(output.exitCode).toBe(4)
    expect(documentOf(output).error).toMatchObject({
      code: 'NO_VERSIONS',
      hint: expect.stringContaining('train'),
    })
    expect(await readdir(empty.path)).toEqual([])
    await empty.remove()
  })

  it('says within seconds that a tracking server is not there', async () => {
    const startedAt = performance.now()
    const output = await runMain(
      bad.path,
      'promote',
      '--json',
      '--python',
      python,
      '--tracking-uri',
      'http://127.0.0.1:9',
    )
    expect(output.exitCode).toBe(7)
    expect(documentOf(output).error.code).toBe('STORE_UNREACHABLE')
    expect(performance.now() - startedAt).toBeLessThan(10_000)
  })
})
