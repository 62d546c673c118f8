import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testPython } from '../helpers/python.js'
import { runMain } from '../helpers/run-main.js'
import { tableFolder } from '../helpers/table-folder.js'

let python: string
let folder: Awaited<ReturnType<typeof tableFolder>>

const SMALL = ['n_estimators=5', 'max_depth=3', 'min_samples_split=2'].flatMap((each) => ['--grid', each])

// A small generator of our own, so that the table is the same in every run.
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state / 2147483648
  }
}

/** Customers with several rows each, on days of two years. */
function recurring(customers: number, rows: number): { line: string; day: string; customer: string }[] {
  const next = random(7)
  return Array.from({ length: rows }, () => {
    const customer = `A${Math.floor(next() * customers)}`
    const day = new Date(Date.UTC(2023, 0, 1 + Math.floor(next() * 700))).toISOString().slice(0, 10)
    const age = 18 + Math.floor(next() * 60)
    const left = next() < (age > 50 ? 0.6 : 0.2) ? 'yes' : 'no'
    return { line: `${customer},${day},${age},${left}`, day, customer }
  })
}

beforeAll(async () => {
  python = await testPython()
  folder = await tableFolder()
  const schema = {
    id: 'customer',
    date: 'start',
    target: { column: 'left', positive: 'yes', negative: 'no' },
    features: [{ name: 'age', kind: 'number' }],
  }
  await writeFile(join(folder.path, 'schema.json'), JSON.stringify(schema))
  await writeFile(join(folder.path, 'churn-ops.json'), JSON.stringify({ schema: 'schema.json', model: 'M' }))
})
afterAll(() => folder.remove())

async function run(
  ...argv: string[]
): Promise<{ exitCode: number; document: ReturnType<typeof JSON.parse>; stdout: string }> {
  const { exitCode, stdout } = await runMain(folder.path, ...argv, '--python', python)
  return { exitCode, stdout, document: argv.includes('--json') ? JSON.parse(stdout) : null }
}

describe('train --split time', () => {
  it('learns from nothing as late as a test row, counts what it leaves out and reproduces it', async () => {
    const rows = recurring(150, 900)
    await folder.put('t.csv', [['customer,start,age,left'], ...rows.map(({ line }) => [line])])
    // A training at random before it: its sides must not move anybody.
    expect((await run('train', '--data', 't.csv', ...SMALL, '--json')).exitCode).toBe(0)
    const { exitCode, document } = await run(
      'train',
      '--data',
      't.csv',
      '--split',
      'time',
      ...SMALL,
      '--json',
    )
    expect(exitCode, JSON.stringify(document)).toBe(0)
    const { split, best } = document.result
    const late = rows.filter(({ day }) => day >= split.testFrom)
    const tested = new Set(late.map(({ customer }) => customer))
    const early = rows.filter(({ day }) => day < split.testFrom)
    const learned = early.filter(({ customer }) => !tested.has(customer))
    const left = early.filter(({ customer }) => tested.has(customer))
    expect(split).toMatchObject({
      trainRows: learned.length,
      testRows: late.length,
      knownCustomers: 0,
      trainUntil: learned
        .map(({ day }) => day)
        .sort()
        .at(-1),
      leftOut: { rows: left.length, customers: new Set(left.map(({ customer }) => customer)).size },
    })
    expect(split.trainUntil < split.testFrom).toBe(true)
    expect(Math.abs(late.length / rows.length - 0.2)).toBeLessThan(0.05)

    const again = await run('train', '--data', 't.csv', '--split', 'time', ...SMALL)
    expect(again.stdout).toContain(
      `Trained on ${split.trainFrom} to ${split.trainUntil}, tested on ${split.testFrom} to ${split.testUntil}. ${left.length.toLocaleString('en')} earlier rows`,
    )
    expect((await run('report', best.version, '--output', 'out')).exitCode).toBe(0)
    const card = await readFile(join(folder.path, 'out', 'model_card.md'), 'utf8')
    expect(card).toContain(`the training rows from \`${split.trainFrom}\` to \`${split.trainUntil}\``)
    expect(card).toContain(`the test rows from \`${split.testFrom}\` to \`${split.testUntil}\``)
    const reproduced = await run('reproduce', best.version, '--json')
    expect(reproduced.document.result).toMatchObject({ equal: true, differences: [] })
  }, 300_000)

  it('refuses when one date has too many rows, and says which and what works', async () => {
    const rows = recurring(150, 300).map(({ line }, at) =>
      line.replace(/,[^,]+/, `,2024-0${1 + (at % 3)}-01`),
    )
    await folder.put('snapshots.csv', [['customer,start,age,left'], ...rows.map((row) => [row])])
    const { exitCode, document } = await run(
      'train',
      ...['--data', 'snapshots.csv', '--split', 'time', ...SMALL, '--json'],
    )
    expect({ exitCode, code: document.error.code }).toEqual({ exitCode: 3, code: 'DATA_DATES' })
    expect(document.error.message).toContain('100 rows have the date 2024-03-01')
    expect(document.error.hint).toContain('--split id')
    expect(document.error.details).toMatchObject({ date: '2024-03-01', tiedRows: 100, rows: 300 })
  }, 60_000)

  it('says how many rows it left out when too few remain', async () => {
    // Every customer has a row in each week, so that all who train also test.
    const rows = Array.from({ length: 100 }, (_, at) => {
      const day = new Date(Date.UTC(2024, 0, 1 + at)).toISOString().slice(0, 10)
      return `A${at % 5},${day},${20 + (at % 40)},${at % 3 === 0 ? 'yes' : 'no'}`
    })
    await folder.put('weekly.csv', [['customer,start,age,left'], ...rows.map((row) => [row])])
    const { exitCode, document } = await run(
      'train',
      ...['--data', 'weekly.csv', '--split', 'time', ...SMALL, '--json'],
    )
    expect({ exitCode, code: document.error.code }).toEqual({ exitCode: 3, code: 'DATA_TOO_FEW' })
    expect(document.error.message).toContain('80 earlier rows of 5 test customers')
    expect(document.error.details).toEqual({ leftOut: { rows: 80, customers: 5 } })
  }, 60_000)
})
