import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSettings } from '../../../src/config/read.js'
import { normalizeArtifacts } from '../../../src/config/rules.js'

describe('the place for files', () => {
  test.each([
    ['s3://churn', 's3://churn'],
    ['s3://churn/', 's3://churn'],
    ['s3://churn-eu.models/team//a/', 's3://churn-eu.models/team/a'],
    ['models', '/data/models'],
    ['../models', '/models'],
    ['/data/models/', '/data/models'],
    ['file:///data/my%20models', '/data/my models'],
  ])('%s means %s', (written, meant) => {
    expect(normalizeArtifacts(written, '/data')).toEqual({ place: meant, complaint: null })
  })

  test.each([
    ['s3://', 'bucket name'],
    ['s3://Churn/x', 'bucket name'],
    ['s3://key:secret-7@churn/x', 'bucket name'],
    ['s3://a..b/x', 'bucket name'],
    ['s3://churn/../other', 'prefix'],
    ['s3://churn/a?acl', 'prefix'],
    ['s3://churn/a b', 'prefix'],
    ['file://host/data', 'file:///FOLDER'],
    ['file:///data?x=1', 'file:///FOLDER'],
    ['file:///%zz', 'file:///FOLDER'],
    ['http://example.org/models', 'not s3://'],
    ['mlflow-artifacts:/x', 'not s3://'],
    ['ftp://user:secret-7@host/x', 'not s3://'],
    ['gs://bucket', 'not s3://'],
    ['models\n--force', 'control characters'],
  ])('%j is refused for its %s', (written, why) => {
    const { place, complaint } = normalizeArtifacts(written, '/data')
    expect(place).toBeNull()
    expect(complaint).toMatchObject({ code: 'URL_INVALID', text: expect.stringContaining(why) })
    expect(complaint?.text).not.toContain('secret-7')
  })
})

describe('where the place for files is taken from', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'churn-ops-settings-'))
    writeFileSync(join(folder, 'churn-ops.json'), JSON.stringify({ artifacts: 'models' }))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('option goes before environment, environment before file, file before the place beside the store', async () => {
    const environment = { CHURN_OPS_ARTIFACTS: 's3://environment' }
    const option = { artifacts: 's3://option' }
    expect((await readSettings(option, environment, folder)).artifacts).toBe('s3://option')
    expect((await readSettings({}, environment, folder)).artifacts).toBe('s3://environment')
    expect((await readSettings({}, { CHURN_OPS_ARTIFACTS: '' }, folder)).artifacts).toBe(
      join(folder, 'models'),
    )
    expect((await readSettings({ config: join(folder, 'churn-ops.json') }, {}, '/')).artifacts).toBe(
      join(folder, 'models'),
    )
    expect((await readSettings({}, {}, tmpdir())).artifacts).toBeNull()
  })
})
