import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readRows } from '../../src/csv/read-rows.js'
import { isBlank, parseNumber, trimBlanks } from '../../src/domain/table/cell.js'
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

it('takes the same characters for blanks as Python, all of them', async () => {
  const characters = Array.from({ length: 0x110000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))
  const blank = characters.filter((character) => isBlank(character))
  const trimmed = characters.filter((character) => trimBlanks(`${character}x${character}`) === 'x')
  const script = 'import json; print(json.dumps([chr(c) for c in range(0x110000) if not chr(c).strip()]))'
  const expected = JSON.parse(execFileSync(await testPython(), ['-c', script], { encoding: 'utf8' }))
  expect(blank).toEqual(expected)
  expect(trimmed).toEqual(expected)
})

it('reads every number that it accepts as Python and numpy do, and no other', async () => {
  const below = randomBelow(7)
  const pieces = [
    '0',
    '1',
    '9',
    '34028235677973366',
    '.',
    '-',
    '+',
    'e',
    'E',
    '38',
    '308',
    '_',
    ' ',
    '٣',
    'inf',
    'nan',
  ]
  const texts = [
    '1e39',
    '3.4028235677973366e38',
    '3.4028235677973362e38',
    '5e-324',
    '2e-400',
    '+.5e1',
    '5.',
    '0x1',
  ]
  for (let count = 0; count < 20_000; count++) {
    texts.push(Array.from({ length: 1 + below(5) }, () => pieces[below(pieces.length)]).join(''))
  }
  const script = [
    'import json, re, sys, warnings',
    'import numpy as np',
    'warnings.simplefilter("ignore")',
    'def read(text):',
    // What Python alone takes for a number.
    '    if re.search(r"[^0-9eE+. \\-]", text): return None',
    '    try: number = float(text)',
    '    except ValueError: return None',
    '    return number if np.isfinite(np.float32(number)) else None',
    'print(json.dumps([read(text) for text in json.load(sys.stdin)]))',
  ]
  const answer = execFileSync(await testPython(), ['-c', script.join('\n')], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
  })
  const found = texts.map(parseNumber)
  expect(found).toEqual(JSON.parse(answer))
  expect(found.filter((number) => number !== null).length).toBeGreaterThan(2_000)
})
