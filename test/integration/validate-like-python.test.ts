import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readRows } from '../../src/csv/read-rows.js'
import { ChurnOpsError } from '../../src/errors.js'
import { testPython } from '../helpers/python.js'
import { tableFolder } from '../helpers/table-folder.js'

const MUTANTS = 1_500
const PIECES = [
  '"',
  '""',
  ',',
  '\n',
  '\r',
  '\r\n',
  ' ',
  'é',
  '日',
  '\u0000',
  '\ufeff',
  'a',
  '-1',
  '\t',
  "'",
  '","',
  '\u2028',
  '\u0085',
  '\u001c',
  '\v',
]

// How Python reads the records that Node judged: its csv module on the file's text, line ends untouched.
const PYTHON = `
import csv, json, sys
out = []
for path in json.load(sys.stdin):
    with open(path, encoding="utf-8-sig", newline="") as file:
        out.append([record for record in csv.reader(file) if record])
json.dump(out, sys.stdout)
`

let folder: Awaited<ReturnType<typeof tableFolder>>
beforeAll(async () => {
  folder = await tableFolder()
})
afterAll(() => folder.remove())

/** Repeatable pseudo-random whole numbers below a limit. */
function randomBelow(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

it('finds the same records as Python in every file that it does not refuse', async () => {
  const below = randomBelow(42)
  const read: { path: string; records: string[][] }[] = []
  let refused = 0
  for (let mutant = 0; mutant < MUTANTS; mutant++) {
    let text = 'id,plan,"note, long"\n1,A,"x ""y"""\r\n2,B,\n\n3,"C\r\nD",z\n'
    for (let change = below(4); change >= 0; change--) {
      const at = below(text.length)
      text = text.slice(0, at) + (PIECES[below(PIECES.length)] ?? '') + text.slice(at + below(3))
    }
    const path = await folder.put(`${mutant}.csv`, text)
    const records: string[][] = []
    try {
      await readRows(path, (batch) => void records.push(...batch.map(({ fields }) => fields)))
      read.push({ path, records })
    } catch (error) {
      expect(error).toBeInstanceOf(ChurnOpsError)
      refused++
    }
  }
  const script = await folder.put('read.py', PYTHON)
  const answer = execFileSync(await testPython(), [join(script)], {
    input: JSON.stringify(read.map(({ path }) => path)),
    encoding: 'utf8',
    maxBuffer: 100_000_000,
  })
  expect(read.length).toBeGreaterThan(MUTANTS / 3)
  expect(refused).toBeGreaterThan(0)
  expect(read.map(({ records }) => records)).toEqual(JSON.parse(answer))
})
