import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkHeader } from '../../../../src/domain/table/header-check.js'
import { createLeakScreen } from '../../../../src/domain/table/leak-screen.js'
import { TELCO_SCHEMA } from '../../../../src/domain/table/telco-schema.js'
import { TELCO_CSV } from '../../../helpers/table-folder.js'

const [header = [], ...telco] = readFileSync(TELCO_CSV, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split(','))
const target = header.indexOf('Churn')

type Planted = (left: boolean, at: number) => string

/** What the screen says of the bundled table, again and again, with a column more. */
function suspectsWith(kind: 'number' | 'category', planted: Planted, times = 1, sensitive = false): string[] {
  const column =
    kind === 'number'
      ? { name: 'Planted', kind, integer: false, blank: true, sensitive }
      : { name: 'Planted', kind, values: [], closed: false, blank: true, sensitive }
  const schema = { ...TELCO_SCHEMA, features: [...TELCO_SCHEMA.features, column] }
  const { layout, problems } = checkHeader([...header, 'Planted'], 1, schema, 'required')
  expect(problems).toEqual([])
  const screen = createLeakScreen(schema)
  for (let at = 0; at < times * telco.length; at++) {
    const row = telco[at % telco.length] ?? []
    screen.add([...row, planted(row[target] === 'Yes', at)], layout)
  }
  return screen.suspects()
}

test.each<[string, 'number' | 'category', Planted]>([
  ['a reason that only churners have', 'category', (left) => (left ? 'price' : '')],
  ['one of many reasons', 'category', (left, at) => (left ? `reason ${at % 40}` : 'none')],
  ['another score', 'number', (left, at) => String(left ? 0.5 + (at % 50) / 100 : (at % 49) / 100)],
  ['a score that goes down', 'number', (left, at) => String(left ? -(at % 50) - 1 : at % 50)],
  ['an end date that only churners have', 'number', (left, at) => (left ? String(45_000 + (at % 700)) : '')],
  ['an end date that only the others lack', 'number', (left, at) => (left ? '' : String(at % 700))],
  ['a nearly perfect score', 'number', (left, at) => String(left === at % 60 > 0 ? 1 : 0)],
])('%s is suspected', (_, kind, planted) => {
  expect(suspectsWith(kind, planted)).toEqual(['Planted'])
})

test.each<[string, 'number' | 'category', Planted]>([
  ['a name that every row has for itself', 'category', (_, at) => `name ${at}`],
  ['a name that a few rows share', 'category', (_, at) => `name ${(at * 7919) % 3000}`],
  ['a number of the row', 'number', (_, at) => String(at)],
  ['a constant', 'category', () => 'Spain'],
  ['a blank column', 'number', () => ''],
])('%s is not', (_, kind, planted) => {
  expect(suspectsWith(kind, planted)).toEqual([])
})

test('a column that is kept out of the model is not looked at', () => {
  expect(suspectsWith('category', (left) => (left ? 'price' : ''), 1, true)).toEqual([])
})

test('of a large table a sample is looked at', () => {
  expect(suspectsWith('category', (left) => (left ? 'price' : ''), 12)).toEqual(['Planted'])
  expect(suspectsWith('number', (_, at) => String(at), 12)).toEqual([])
})

test('a table of one class has no suspects', () => {
  const { layout } = checkHeader(header, 1, TELCO_SCHEMA, 'required')
  const screen = createLeakScreen(TELCO_SCHEMA)
  for (const row of telco) if (row[target] === 'No') screen.add(row, layout)
  expect(screen.suspects()).toEqual([])
})
