// Writes schemas/*.json from the zod shapes (their built form); a test fails when the files are out of date.
import { mkdirSync, writeFileSync } from 'node:fs'
import { jsonSchemas } from '../dist/config/json-schemas.js'

const folder = new URL('../schemas/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const [name, schema] of Object.entries(jsonSchemas())) {
  writeFileSync(new URL(name, folder), `${JSON.stringify(schema, null, 2)}\n`)
}
