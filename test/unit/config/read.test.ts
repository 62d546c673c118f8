import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { readSettings } from '../../../src/config/read.js'
import { policyRules } from '../../../src/domain/promotion/policy.js'
import { TELCO_SCHEMA } from '../../../src/domain/table/telco-schema.js'
import { ChurnOpsError } from '../../../src/errors.js'

const made: string[] = []
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'churn-ops-config-'))
  made.push(folder)
})

afterAll(async () => {
  for (const path of made) await rm(path, { recursive: true, force: true })
})

async function writeSettings(settings: unknown, name = 'churn-ops.json'): Promise<void> {
  await writeFile(join(folder, name), typeof settings === 'string' ? settings : JSON.stringify(settings))
}

async function refusal(options: Record<string, unknown> = {}, environment = {}): Promise<ChurnOpsError> {
  const error: unknown = await readSettings(options, environment, folder).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ChurnOpsError)
  return error as ChurnOpsError
}

describe('defaults', () => {
  it('need no file, no variable and no option', async () => {
    const settings = await readSettings({}, {}, folder)
    expect(settings).toEqual({
      files: [join(folder, 'churn-ops.json')],
      trackingUri: `sqlite:///${folder}/mlflow.db`,
      model: 'RandomForestGridSearch',
      experiment: 'customerchurn',
      artifacts: null,
      python: null,
      query: null,
      data: null,
      schema: TELCO_SCHEMA,
      search: {
        kind: 'grid',
        iterations: 20,
        folds: null,
        spaces: [
          {
            estimator: 'forest',
            prefix: 'RF',
            grid: { n_estimators: [50, 100, 200], max_depth: [10, 20, null], min_samples_split: [2, 5, 10] },
          },
        ],
      },
      threshold: { kind: 'f1' },
      calibrate: false,
      split: 'random',
      seed: 42,
      splitSeed: 42,
      maxInvalid: 0,
      policy: 'gated',
      promotion: policyRules.parse({}),
      notices: { urls: [], missing: [] },
      waitSeconds: 60,
      monitor: { sample: 1000, share: 0.5, count: 2, columnThreshold: 0.1 },
      json: false,
      quiet: false,
      verbose: false,
    })
  })
})

describe('precedence', () => {
  it('is option over environment over file over default', async () => {
    await writeSettings({ trackingUri: 'http://file:1', seed: 1, splitSeed: 2 })
    const variable = { MLFLOW_TRACKING_URI: 'http://variable:1' }
    const all = await readSettings({ 'tracking-uri': 'http://option:1', seed: '7' }, variable, folder)
    expect([all.trackingUri, all.seed, all.splitSeed, all.maxInvalid]).toEqual(['http://option:1', 7, 2, 0])
    expect((await readSettings({}, variable, folder)).trackingUri).toBe('http://variable:1')
    expect((await readSettings({}, { MLFLOW_TRACKING_URI: '' }, folder)).trackingUri).toBe('http://file:1')
  })

  it('replaces one parameter of the grid at a time', async () => {
    await writeSettings({ grid: { max_depth: [3], criterion: ['entropy'] } })
    const { search } = await readSettings({ grid: ['n_estimators=5', 'max_depth=4,none'] }, {}, folder)
    expect(search.spaces[0]?.grid).toEqual({
      n_estimators: [5],
      max_depth: [4, null],
      min_samples_split: [2, 5, 10],
      criterion: ['entropy'],
    })
  })

  it('takes paths in the file as relative to it and paths of options as relative to the folder', async () => {
    await mkdir(join(folder, 'sub'))
    await writeSettings(
      { data: 'a.csv', trackingUri: 'sqlite:///b.db', policy: './p.json' },
      'sub/other.json',
    )
    const written = await readSettings({ config: 'sub/other.json' }, {}, folder)
    expect(written.data).toBe(join(folder, 'sub/a.csv'))
    expect(written.policy).toBe(join(folder, 'sub/p.json'))
    expect(written.trackingUri).toBe(`sqlite:///${join(folder, 'sub/b.db')}`)
    const options = {
      config: 'sub/other.json',
      data: 'c.csv',
      'tracking-uri': 'sqlite:///d.db',
      python: 'python3',
    }
    const given = await readSettings(options, {}, folder)
    expect(given.data).toBe(join(folder, 'c.csv'))
    expect(given.trackingUri).toBe(`sqlite:///${join(folder, 'd.db')}`)
    expect(given.python).toBe('python3')
  })

  it('reads the columns from the file that schema names', async () => {
    const target = { column: 'left' }
    await writeSettings({ target, features: [{ name: 'age', kind: 'number' }] }, 'columns.json')
    await writeSettings({ schema: 'columns.json' })
    const { schema } = await readSettings({}, {}, folder)
    expect(schema.target).toEqual({ column: 'left', positive: 'Yes', negative: 'No' })
    expect(schema.features).toEqual([{ name: 'age', kind: 'number', integer: false, blank: false }])
  })
})

describe('complaints', () => {
  it('name a missing settings file only when it was asked for', async () => {
    const error = await refusal({ config: 'none.json' })
    expect([error.code, error.exitCode]).toEqual(['CONFIG_INVALID', 2])
    expect(error.message).toContain(join(folder, 'none.json'))
    expect(error.message).toContain('does not exist')
  })

  it.each([
    ['a directory', '.', 'is a directory'],
    ['a file that is not JSON', 'broken.json', 'is not JSON'],
  ])('refuse %s as settings', async (_, config, words) => {
    await writeSettings('{ "seed": ', 'broken.json')
    const error = await refusal({ config })
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain(words)
  })

  it('offer the nearest name for unknown keys, at every depth and in the schema too', async () => {
    await writeSettings(
      { features: [{ name: 'a', kind: 'number', minimun: 1 }], target: { colum: 'y' } },
      'columns.json',
    )
    await writeSettings({ trakingUri: 'x', monitor: { sampel: 3 }, schema: 'columns.json', seed: 'x' })
    const first = await refusal()
    expect(first.message).toContain('trakingUri is unknown. Did you mean trackingUri?')
    expect(first.message).toContain('monitor.sampel is unknown. Did you mean sample?')
    expect(first.message).toContain('seed: ')
    await writeSettings({ schema: 'columns.json' })
    const second = await refusal()
    expect(second.message).toContain('features.0.minimun is unknown. Did you mean minimum?')
    expect(second.message).toContain('target.colum is unknown. Did you mean column?')
  })

  it('come all at once', async () => {
    await writeSettings({ modle: 'x' })
    const error = await refusal({ seed: 'abc', model: 'a b', grid: 'max_depth=0', 'tracking-uri': 'mlruns' })
    expect(error.details.complaints).toHaveLength(5)
    expect(error.message).toContain('5 settings are invalid; nothing was started.')
  })

  it.each([
    ['seed', 'abc'],
    ['seed', Number.NaN],
    ['seed', '1.5'],
    ['seed', -1],
    ['split-seed', '0x10'],
    ['max-invalid', '-3'],
    ['sample', 0],
    ['wait', 'long'],
    ['wait', Number.POSITIVE_INFINITY],
    ['data', ''],
  ])('call --%s %s a mistake of usage', async (name, value) => {
    const error = await refusal({ [name]: value })
    expect([error.code, error.exitCode]).toEqual(['USAGE', 2])
    expect(error.message).toContain(`--${name}`)
  })

  it.each(['a b', 'a/b', 'a:b', '', '.', '-x', '..', 'café', 'a\nb'])(
    'refuse the model name %j',
    async (model) => {
      expect((await refusal({ model })).exitCode).toBe(2)
      await writeSettings({ model: model === '' ? ' ' : model })
      expect((await refusal()).code).toBe('MODEL_NAME_INVALID')
    },
  )

  it.each([
    'mlruns',
    'sqlite://mlflow.db',
    'sqlite:///',
    'sqlite:///:memory:',
    'file:///x',
    'http://',
    'http://host:port',
    'mysql://host/db',
    'http://a\nb',
  ])('refuse the tracking URI %j', async (uri) => {
    expect((await refusal({ 'tracking-uri': uri })).code).toBe('URL_INVALID')
    expect((await refusal({}, { MLFLOW_TRACKING_URI: uri })).code).toBe('URL_INVALID')
  })

  it('never show a password', async () => {
    const error = await refusal({ 'tracking-uri': 'mysql://me:se:cret@host/db' })
    expect(JSON.stringify([error.message, error.details])).not.toMatch(/se:|cret/)
    expect(error.message).toContain('mysql://me:***@host/db')
  })
})

it.each(['postgresql://me:pw@host:5432/db', 'postgresql+psycopg://host/db', 'https://host/mlflow'])(
  'takes the tracking URI %s as it is',
  async (uri) => {
    expect((await readSettings({ 'tracking-uri': uri }, {}, folder)).trackingUri).toBe(uri)
  },
)
