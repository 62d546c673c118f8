import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot, pythonVariables } from '../../src/compose.js'
import { TELCO_SCHEMA } from '../../src/domain/table/telco-schema.js'
import { testPython } from './python.js'

/** A store with one small version in production. */
export interface LiveModel {
  trackingUri: string
  model: string
  version: string
  /** The rows that it learned from. */
  data: string
}

/** Trains forests of five trees and more on the first rows of the bundled table and puts the first live in `folder`. */
export async function makeLiveModel(folder: string, rows = 400, forests = 1): Promise<LiveModel> {
  mkdirSync(folder, { recursive: true })
  const bundled = readFileSync(join(packageRoot, 'data', 'telco-customer-churn.csv'), 'utf8').split('\n')
  const data = join(folder, 'customers.csv')
  writeFileSync(data, `${bundled.slice(0, rows + 1).join('\n')}\n`)
  const store = { trackingUri: `sqlite:///${join(folder, 'mlflow.db')}`, model: 'RandomForestGridSearch' }
  const request = {
    store,
    experiment: 'customerchurn',
    dataset: { path: data, sha256: createHash('sha256').update(readFileSync(data)).digest('hex'), rows },
    invalidRecords: [],
    schema: TELCO_SCHEMA,
    candidates: Array.from({ length: forests }, (_, more) => ({
      name: `RF_${5 + more}_5_2`,
      estimator: 'forest',
      params: { n_estimators: 5 + more, max_depth: 5, min_samples_split: 2 },
    })),
    seed: 42,
    splitSeed: 42,
    split: 'random',
    threshold: { kind: 'f1' },
    calibrate: false,
    search: { kind: 'grid', iterations: 1, folds: null, spaces: [] },
    force: false,
    waitSeconds: 0,
    packageVersion: '0.0.0',
    lockSha256: '0'.repeat(64),
  }
  const made = spawnSync(await testPython(), [join(packageRoot, 'test', 'fixtures', 'make_model.py')], {
    input: JSON.stringify(request),
    env: { ...process.env, ...pythonVariables(), CHURN_OPS_STATE: join(folder, '.churn-ops') },
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`make_model.py failed: ${made.stderr}`)
  const { version } = JSON.parse(made.stdout.trim().split('\n').at(-1) ?? '') as { version: string }
  return { ...store, version, data }
}
