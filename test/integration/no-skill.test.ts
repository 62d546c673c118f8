import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { testPython } from '../helpers/python.js'
import { type MainAnswer, runForAnswer } from '../helpers/run-main.js'
import { TELCO_CSV, tableFolder } from '../helpers/table-folder.js'

let python: string
let folder: Awaited<ReturnType<typeof tableFolder>>
const answer = (...argv: string[]): Promise<MainAnswer> =>
  runForAnswer(folder.path, ...argv, '--python', python)

// Trainings on a machine with other work.
vi.setConfig({ testTimeout: 240_000 })

const GRID = ['n_estimators=20', 'max_depth=3', 'min_samples_split=2'].flatMap((each) => ['--grid', each])

beforeAll(async () => {
  python = await testPython()
  folder = await tableFolder()
})
afterAll(async () => {
  await folder?.remove()
})

/** Settings of a table of noise, in which two of three customers leave, with a model name of its own. */
async function noiseTable(name: string, rows: number): Promise<string[]> {
  const code = [
    'import random, sys',
    'random.seed(3)',
    'print("id,age,balance,left")',
    'for n in range(int(sys.argv[1])):',
    "    print(f\"K{n},{random.randint(18, 80)},{random.randint(0, 9999)},{random.choice(['yes', 'yes', 'no'])}\")",
  ].join('\n')
  await folder.put(`${name}.csv`, execFileSync(python, ['-c', code, String(rows)]))
  const number = (column: string) => ({ name: column, kind: 'number' })
  const target = { column: 'left', positive: 'yes', negative: 'no' }
  const schema = { id: 'id', target, features: [number('age'), number('balance')] }
  await folder.put(`${name}.schema.json`, JSON.stringify(schema))
  const settings = { model: name, experiment: name, data: `${name}.csv`, schema: `${name}.schema.json` }
  await folder.put(`${name}.json`, JSON.stringify(settings))
  return ['--config', join(folder.path, `${name}.json`)]
}

describe('a table that tells nothing of who leaves', () => {
  let config: string[]

  it('asks whether the two labels were exchanged, when most customers left', async () => {
    config = await noiseTable('Noise', 1500)
    const { result, exitCode } = await answer('validate', 'Noise.csv', ...config)
    expect(exitCode).toBe(0)
    expect(result.warnings).toEqual([expect.stringContaining('is "yes" really the customer who left?')])
  })

  it('is trained on with a warning', async () => {
    const { result, exitCode } = await answer('train', ...GRID, ...config)
    expect(exitCode).toBe(0)
    expect(result.warnings).toEqual(
      expect.arrayContaining([
        expect.stringContaining('is "yes" really the customer who left?'),
        expect.stringMatching(/^The best candidate shows no skill: .*1 of 1 candidates/),
      ]),
    )
    const { metrics } = result.best
    expect(metrics.f1_gain_low).toBeLessThanOrEqual(0)
    expect(metrics.roc_auc_low).toBeLessThan(0.5)
    expect(metrics.roc_auc_high).toBeGreaterThan(0.5)
  })

  it.each(['gated', 'documents'])(
    'gives no champion under the policy %s, and nothing moves',
    async (policy) => {
      const before = await readFile(join(folder.path, 'mlflow.db'))
      const { result, exitCode } = await answer('promote', '--policy', policy, ...config)
      expect(exitCode).toBe(4)
      expect(result).toMatchObject({
        applied: false,
        changed: 0,
        champion: null,
        refusal: { outcome: 'no-skill', version: '1', reason: expect.stringContaining('no skill') },
        skill: { churners: result.skill.churnedCustomers, rows: 300 },
      })
      expect((await readFile(join(folder.path, 'mlflow.db'))).equals(before)).toBe(true)
    },
  )

  it('is judged on fresh rows where there are some', async () => {
    const { result, exitCode } = await answer('promote', '--on', 'Noise.csv', ...config)
    // The rows that it did not train on, which are those that it was held out on.
    expect([exitCode, result.refusal.outcome, result.skill.rows]).toEqual([4, 'no-skill', 300])
  })

  it('gives one when somebody says why, and the journal keeps the words', async () => {
    const refused = await answer('promote', '--allow-no-skill', 'x'.repeat(501), ...config)
    expect([refused.exitCode, refused.error?.code]).toEqual([2, 'USAGE'])
    const bare = await answer('promote', '--allow-no-skill', '--dry-run', ...config)
    expect(bare.exitCode).toBe(0)
    expect(JSON.stringify(bare.result.plan)).toContain('no reason was given')
    const { result, exitCode } = await answer('promote', '--allow-no-skill', 'a stand-in for now', ...config)
    expect(exitCode).toBe(0)
    expect(result).toMatchObject({ applied: true, champion: { version: '1' }, refusal: null })
    const { entries } = (await answer('history', ...config)).result
    expect(entries[0].reason).toMatch(/no skill .*: a stand-in for now$/)
  })
})

describe('a table with few churners', () => {
  /** Settings of some rows of the bundled table, with a model name of their own. */
  async function fewChurners(name: string, churners: number, promotion?: object): Promise<string[]> {
    const [header = '', ...rows] = (await readFile(TELCO_CSV, 'utf8')).trimEnd().split('\n')
    const some = (label: string, count: number): string[] =>
      rows.filter((row) => row.trimEnd().endsWith(label)).slice(0, count)
    await folder.put(`${name}.csv`, [header, ...some('No', 1_000), ...some('Yes', churners)].join('\n'))
    const settings = { model: name, experiment: name, data: `${name}.csv`, promotion }
    await folder.put(`${name}.json`, JSON.stringify(settings))
    return ['--config', join(folder.path, `${name}.json`)]
  }

  it('is trained on, and no interval is a point', async () => {
    const { result, exitCode } = await answer('train', ...GRID, ...(await fewChurners('Handful', 10)))
    expect(exitCode).toBe(0)
    for (const name of ['f1_score', 'roc_auc']) {
      const [low, high] = [result.best.metrics[`${name}_low`], result.best.metrics[`${name}_high`]]
      expect(high - low, name).toBeGreaterThan(0.05)
    }
  })

  it.each(['gated', 'documents'])(
    'has not enough data for a champion under the policy %s',
    async (policy) => {
      const config = await fewChurners('Handful', 10)
      const { result, exitCode } = await answer('promote', '--policy', policy, ...config)
      expect(exitCode).toBe(9)
      expect(result).toMatchObject({
        applied: false,
        champion: null,
        refusal: { outcome: 'not-enough-data' },
      })
      expect(result.notes.join(' ')).toContain('--on FILE')
    },
  )

  it('has enough when it has skill and the settings say so', async () => {
    const config = await fewChurners('Some', 150)
    expect((await answer('train', ...GRID, ...config)).exitCode).toBe(0)
    const held = await answer('promote', ...config)
    expect(held).toMatchObject({
      exitCode: 9,
      result: { refusal: { outcome: 'not-enough-data', hint: expect.stringContaining('"minChurners"') } },
    })
    const low = await answer('promote', ...(await fewChurners('Some', 150, { minChurners: 10, floor: 0.9 })))
    expect(low).toMatchObject({ exitCode: 4, result: { refusal: { outcome: 'under-floor' } } })
    const own = await fewChurners('Some', 150, { minChurners: 10, floor: 0.2 })
    expect(await answer('promote', ...own)).toMatchObject({
      exitCode: 0,
      result: { applied: true, champion: { version: '1' }, refusal: null },
    })
  })
})
