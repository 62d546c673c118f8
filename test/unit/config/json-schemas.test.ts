import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { packageRoot } from '../../../src/compose.js'
import { jsonSchemas } from '../../../src/config/json-schemas.js'

const folder = join(packageRoot, 'schemas')

it('ships the JSON Schemas of the current shapes; `node scripts/make-schemas.mjs` after a build renews them', () => {
  const files = readdirSync(folder).map((name) => [
    name,
    JSON.parse(readFileSync(join(folder, name), 'utf8')),
  ])
  expect(Object.fromEntries(files)).toEqual(jsonSchemas())
})

it('describes every key of the settings and refuses others', () => {
  const schema = jsonSchemas()['churn-ops.schema.json']
  expect(schema).toMatchObject({ additionalProperties: false, type: 'object' })
  expect(Object.keys(schema?.properties ?? {})).toContain('trackingUri')
})
