import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { packageRoot } from '../../../../src/compose.js'
import { toRawRow } from '../../../../src/domain/table/raw-row.js'
import { TELCO_SCHEMA } from '../../../../src/domain/table/telco-schema.js'
import { telcoRows } from '../../../helpers/table-folder.js'

it('describes the features of test.json: two customers of the bundled table, without id and target', () => {
  const { dataframe_split: customers } = JSON.parse(readFileSync(join(packageRoot, 'test.json'), 'utf8'))
  expect(customers.columns).toEqual(TELCO_SCHEMA.features.map(({ name }) => name))
  const { header, rows } = telcoRows(3)
  const features = TELCO_SCHEMA.features.map(({ name }) => header.indexOf(name))
  const layout = { width: header.length, id: 0, target: -1, date: -1, features }
  const expected = rows.slice(1).map((fields) => toRawRow(fields, layout, TELCO_SCHEMA))
  expect(customers.data).toEqual(expected)
})
