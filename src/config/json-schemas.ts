import { z } from 'zod'
import { policyRules } from '../domain/promotion/policy.js'
import { tableSchema } from '../domain/table/schema.js'
import { writtenSettings } from './schema.js'

/** JSON Schemas that editors use, by file name in `schemas/`; `scripts/make-schemas.mjs` writes them. */
export function jsonSchemas(): Record<string, Record<string, unknown>> {
  return {
    'churn-ops.schema.json': { title: 'churn-ops.json', ...z.toJSONSchema(writtenSettings, { io: 'input' }) },
    'policy.schema.json': {
      title: 'Promotion policy',
      ...z.toJSONSchema(policyRules, { io: 'input' }),
    },
    'table.schema.json': {
      title: 'Columns of a churn table',
      ...z.toJSONSchema(tableSchema, { io: 'input' }),
    },
  }
}
