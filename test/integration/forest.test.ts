import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { compose, packageVersion } from '../../src/compose.js'
import type { ModelVersion } from '../../src/domain/registry/model-version.js'
import { createCompiledForests } from '../../src/serving/forest/compiled-forests.js'
import type { ProvenForest } from '../../src/usecases/ports/compiled-forest.js'
import { prepareForest } from '../../src/usecases/serving/prepare-forest.js'
import { root } from '../helpers/imports.js'
import { testPython } from '../helpers/python.js'
import { runForAnswer, runMain } from '../helpers/run-main.js'
import { TELCO_CSV, tableFolder } from '../helpers/table-folder.js'

const SLOW_MS = 300_000
const MODEL = 'RandomForestGridSearch'
let folder: Awaited<ReturnType<typeof tableFolder>>
let python: string
let trackingUri: string
let forest: ModelVersion
let logistic: ModelVersion
let state: string

beforeAll(async () => {
  python = await testPython()
  folder = await tableFolder()
  trackingUri = `sqlite:///${folder.path}/mlflow.db`
  state = join(folder.path, '.churn-ops')
  const lines = readFileSync(TELCO_CSV, 'utf8').split('\n').slice(0, 401)
  await folder.put('customers.csv', `${lines.join('\n')}\n`)
  const train = async (...argv: string[]): Promise<void> => {
    const { error } = await runForAnswer(
      folder.path,
      'train',
      '--data',
      'customers.csv',
      '--python',
      python,
      ...argv,
    )
    expect(error).toBeNull()
  }
  const grid = ['n_estimators=5', 'max_depth=4', 'min_samples_split=5'].flatMap((each) => ['--grid', each])
  await train(...grid)
  await train('--estimator', 'logistic-regression', '--grid', 'C=1')
  const services = compose({ trackingUri, python, onProgress: () => undefined })
  const versions = await (await services.registry()).versions({ trackingUri, model: MODEL })
  await services.dispose()
  forest = versions[0] as ModelVersion
  logistic = versions[1] as ModelVersion
  await prepare(forest)
  await cp(kept(), join(folder.path, 'whole'), { recursive: true })
}, SLOW_MS)
afterEach(async () => {
  rmSync(kept(), { recursive: true, force: true })
  await cp(join(folder.path, 'whole'), kept(), { recursive: true })
})
afterAll(() => folder?.remove())

const kept = (): string => join(state, 'forests', String(forest.manifestSha256))

/** Prepares a version; without an interpreter, when there is nothing to ask it. */
async function prepare(
  version: ModelVersion,
  { interpreter = python, forced = false } = {},
): Promise<{ prepared: ProvenForest; told: string[] }> {
  const told: string[] = []
  const services = compose({ trackingUri, python: interpreter, onProgress: () => undefined })
  try {
    const store = { trackingUri, model: MODEL }
    const onProgress = ({ text }: { text: string }): void => void told.push(text)
    return { prepared: await prepareForest({ store, version, forced }, { ...services, onProgress }), told }
  } finally {
    await services.dispose()
  }
}

const forestsHere = () =>
  createCompiledForests({ stateFolder: state, packageVersion: packageVersion(), codeFolder: '' })

interface Exported {
  model: object
  check(): boolean
  score(customer: object): object
  scoreAll(customers: object[]): object[]
}

function complaintsOf(file: string): string {
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  const options = ['--noEmit', '--strict', '--module', 'NodeNext', '--target', 'ES2022', '--types', '', file]
  return spawnSync(tsc, options, { cwd: folder.path, encoding: 'utf8' }).stdout
}

const WITHOUT_PYTHON = { interpreter: '/nowhere/python3' }

test(
  'a version that was proven once is ready without Python, and no customer is kept',
  async () => {
    const { prepared, told } = await prepare(forest, WITHOUT_PYTHON)
    if ('reason' in prepared) throw new Error(prepared.reason)
    expect(told).toEqual([])
    expect(prepared.proof.rows).toBeGreaterThan(3_400)
    expect(prepared.proof.equal).toBe(prepared.proof.rows)
    expect(prepared.columns.find(({ name }) => name === 'Contract')?.values).toContain('Two year')
    const row = prepared.columns.map(({ kind }) => (kind === 'number' ? 12 : null))
    const [scored] = await prepared.engine.score([row])
    expect(scored?.threshold).toBe(forest.threshold)
    expect(scored?.label).toBe(Number(scored?.probability) >= Number(scored?.threshold) ? 1 : 0)

    expect(readdirSync(join(state, 'forests'))).toEqual([forest.manifestSha256])
    expect(readdirSync(kept()).sort()).toEqual(['forest.bin', 'forest.json', 'golden.json', 'proof.json'])
  },
  SLOW_MS,
)

describe('what is kept is not used', () => {
  const edit = (name: string, change: (text: string) => string) => (): void => {
    const path = join(kept(), name)
    writeFileSync(path, change(readFileSync(path, 'utf8')))
  }
  test.each([
    [
      'with another threshold',
      edit('forest.json', (text) => text.replace(/"threshold":0/, '"threshold":1')),
      'forest.json was changed',
    ],
    [
      'with other golden rows',
      edit('golden.json', (text) => text.replace('"Yes"', '"No"')),
      'golden.json was changed',
    ],
    ['when it is cut short', () => truncateSync(join(kept(), 'forest.bin'), 100), 'has 100 bytes'],
    ['without its forest', () => rmSync(join(kept(), 'forest.bin')), 'is missing'],
    ['with half a proof', () => truncateSync(join(kept(), 'proof.json'), 100), 'proof.json is damaged'],
    [
      'with a proof that failed',
      edit('proof.json', (text) => text.replace(/"equal":\d+/, '"equal":7')),
      'its proof does not hold',
    ],
    [
      'for another version',
      edit('proof.json', (text) => text.replace(String(forest.manifestSha256), 'f'.repeat(64))),
      'another version',
    ],
    [
      'under another release',
      edit('proof.json', (text) => text.replace(/"packageVersion":"[^"]*"/, '"packageVersion":"0.0.0"')),
      'another release',
    ],
  ])('%s', async (_, damage, why) => {
    damage()
    const forests = forestsHere()
    const found = await forests.kept(String(forest.manifestSha256))
    expect(found).toEqual({ unfit: expect.stringContaining(why) })
  })

  test(
    'and made again, which is told',
    async () => {
      truncateSync(join(kept(), 'forest.bin'), 100)
      const { prepared, told } = await prepare(forest)
      expect(prepared).toHaveProperty('proof')
      expect(told[0]).toMatch(/cannot be used \(forest.bin has 100 bytes/)
      expect(await prepare(forest, WITHOUT_PYTHON)).toMatchObject({ told: [] })
    },
    SLOW_MS,
  )
})

test(
  'export writes a module that imports nothing, has types, and answers to the last bit',
  async () => {
    const { exitCode, stdout } = await runMain(
      folder.path,
      'export',
      forest.version,
      '--json',
      '--python',
      python,
    )
    expect(exitCode).toBe(0)
    const { result } = JSON.parse(stdout)
    const path = join(folder.path, `${MODEL}-v${forest.version}.mjs`)
    expect(result).toMatchObject({ version: forest.version, path, types: path.replace('.mjs', '.d.mts') })
    const code = readFileSync(path, 'utf8')
    expect(code).not.toMatch(/^import |import\(|require\(|process\.|Buffer/m)

    const module = (await import(pathToFileURL(path).href)) as Exported
    expect(module.check()).toBe(true)
    expect(module.model).toMatchObject({ manifestSha256: forest.manifestSha256, proof: result.proof })
    const { prepared } = await prepare(forest, WITHOUT_PYTHON)
    if ('reason' in prepared) throw new Error(prepared.reason)
    const { rows } = JSON.parse(readFileSync(join(kept(), 'golden.json'), 'utf8'))
    const blank = (value: unknown): unknown =>
      typeof value === 'string' && value.trim() === '' ? null : value
    const customers = rows.map((row: unknown[]) =>
      Object.fromEntries(prepared.columns.map(({ name }, place) => [name, blank(row[place])])),
    )
    const scored = await prepared.engine.score(customers.map((each: object) => Object.values(each)))
    expect(module.scoreAll(customers)).toEqual(scored)
    expect(customers.map(module.score)).toEqual(scored)
    expect(() => module.score({ ...customers[0], tenure: '12' })).toThrow(/tenure takes numbers/)
    expect(() => module.score({ tenure: 12 })).toThrow(/gender is missing/)

    const other = path.replace('.mjs', '-changed.mjs')
    const contracts = '["Month-to-month","One year","Two year"]'
    const at = code.lastIndexOf(contracts)
    const turned = contracts
      .replace('Month-to-month', 'x')
      .replace('Two year', 'Month-to-month')
      .replace('x', 'Two year')
    writeFileSync(other, code.slice(0, at) + turned + code.slice(at + contracts.length))
    expect(((await import(pathToFileURL(other).href)) as Exported).check()).toBe(false)

    const use = join(folder.path, 'use.mts')
    const typed = (value: string): void =>
      writeFileSync(
        use,
        `import { score, type Customer } from './${basename(path)}'
const customer = ${JSON.stringify(customers[0])} satisfies Customer
export const label: 0 | 1 = score({ ...customer, tenure: ${value} }).label
`,
      )
    typed('12')
    expect(complaintsOf(use)).toBe('')
    typed("'12'")
    expect(complaintsOf(use)).toContain('use.mts(3')
  },
  SLOW_MS,
)

test(
  'export of another kind of model, or to a name that is no module, writes nothing',
  async () => {
    const refused = await runMain(folder.path, 'export', logistic.version, '--json', '--python', python)
    expect(refused.exitCode).toBe(4)
    expect(JSON.parse(refused.stdout).error).toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
    const named = await runMain(folder.path, 'export', forest.version, '--output', 'customers.csv', '--json')
    expect(named.exitCode).toBe(2)
    expect(readdirSync(folder.path).filter((name) => name.includes(`v${logistic.version}.`))).toEqual([])
  },
  SLOW_MS,
)

test('the draft of a process that is gone, which holds customers, goes with the next one', async () => {
  const left = join(state, 'forests', `${'a'.repeat(64)}.999999999.part`)
  renameSync(kept(), left)
  await (await forestsHere().draft('b'.repeat(64))).discard()
  expect(readdirSync(join(state, 'forests')).filter((name) => name.endsWith('.part'))).toEqual([])
})

test(
  'another kind of model has a reason, which is kept; forced it is an error',
  async () => {
    const { prepared } = await prepare(logistic)
    expect(prepared).toEqual({ reason: expect.stringContaining('LogisticRegression') })
    expect((await prepare(logistic, WITHOUT_PYTHON)).prepared).toEqual(prepared)
    await expect(prepare(logistic, { ...WITHOUT_PYTHON, forced: true })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('LogisticRegression'),
    })
    const bare = { ...forest, manifestSha256: null }
    expect((await prepare(bare, WITHOUT_PYTHON)).prepared).toEqual({
      reason: expect.stringContaining('manifest'),
    })
  },
  SLOW_MS,
)

test(
  'a version that is not there leaves no draft',
  async () => {
    const strange = { ...forest, version: '99' }
    rmSync(kept(), { recursive: true })
    await expect(prepare(strange)).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' })
    expect(readdirSync(join(state, 'forests')).filter((name) => name.endsWith('.part'))).toEqual([])
  },
  SLOW_MS,
)
