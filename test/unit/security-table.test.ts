import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../helpers/imports.js'

const rows = readFileSync(join(root, 'docs', 'security.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| S\d+ \|/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()))

const tests = rows.flatMap(([id = '', , , shown = '']) =>
  [...shown.matchAll(/`(test\/[^`]+)` "([^"]+)"/g)].map(([, file = '', title = '']) => ({ id, file, title })),
)

test('the table of threats has the rows S1 to S19, each with a threat, a defence, and a test or the reason for none', () => {
  expect(rows.map(([id]) => id)).toEqual(Array.from({ length: 19 }, (_, at) => `S${at + 1}`))
  for (const [id, threat = '', defence = '', shown = '', ...more] of rows) {
    expect([id, more]).toEqual([id, []])
    expect(threat.length).toBeGreaterThan(10)
    expect(defence.length).toBeGreaterThan(20)
    const named = tests.some((one) => one.id === id)
    expect([id, named || /^None: .{20}/.test(shown)]).toEqual([id, true])
    // Whatever stands in the cell is a test in the form that is checked below.
    if (named) expect(shown.replace(/`test\/[^`]+` "[^"]+"(; )?/g, '')).toBe('')
  }
})

describe.each(tests)('$id: $file', ({ file, title }) => {
  test(`has the test ${title}`, () => {
    expect(existsSync(join(root, file))).toBe(true)
    const text = readFileSync(join(root, file), 'utf8')
    const written = file.endsWith('.py')
      ? [`def ${title}(`]
      : ["'", '"', '`'].map((mark) => mark + title + mark)
    expect(written.some((start) => text.includes(start))).toBe(true)
  })
})
