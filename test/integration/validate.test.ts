import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runMain } from '../helpers/run-main.js'
import { type tableFolder as Folder, TELCO_CSV, tableFolder, telcoRows } from '../helpers/table-folder.js'

let folder: Awaited<ReturnType<typeof Folder>>
beforeEach(async () => {
  folder = await tableFolder()
})
afterEach(() => folder.remove())

interface Run {
  exitCode: number
  stdout: string
  stderr: string
  // biome-ignore lint/suspicious/noExplicitAny: the printed document, judged by the tests.
  document: any
}

async function run(...argv: string[]): Promise<Run> {
  const output = await runMain(folder.path, ...argv)
  return { ...output, document: argv.includes('--json') ? JSON.parse(output.stdout) : null }
}

const { header, rows } = telcoRows(40)

/** The table with some fields of some rows changed: [row, column, value]. */
function changed(...changes: [row: number, column: string, value: string][]): string[][] {
  return [
    header,
    ...rows.map((fields, row) =>
      fields.map((text, at) => changes.find((one) => one[0] === row && one[1] === header[at])?.[2] ?? text),
    ),
  ]
}

describe('a good table', () => {
  it('is the bundled one, whose hash data/README.md names', async () => {
    const bytes = await readFile(TELCO_CSV)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const { exitCode, document } = await run('validate', TELCO_CSV, '--json')
    expect(exitCode).toBe(0)
    expect(document).toEqual({
      protocol: 1,
      command: 'validate',
      ok: true,
      result: {
        dataset: { path: TELCO_CSV, sha256, rows: 7043 },
        valid: 7043,
        invalid: 0,
        problems: [],
        quarantine: null,
        classes: { No: 5174, Yes: 1869 },
        repeats: { ids: 0, rows: 0, doubles: 22, exact: true },
        warnings: [],
        refusal: null,
      },
    })
    expect(await readFile(join(TELCO_CSV, '..', 'README.md'), 'utf8')).toContain(sha256)
  })

  it('may have another order, no id, a mark, CRLF, quotes and blanks; it leaves no quarantine', async () => {
    const order = [...header.keys()].reverse().filter((at) => header[at] !== 'customerID')
    const lines = changed([3, 'TotalCharges', ' ']).map((fields) =>
      order.map((at) => `"${fields[at]}"`).join(','),
    )
    await folder.put('t.csv', `\ufeff${lines.join('\r\n')}\r\n\r\n`)
    const { exitCode, document } = await run('validate', 't.csv', '--json')
    expect([exitCode, document.result.valid, document.result.dataset.path]).toEqual([
      0,
      40,
      join(folder.path, 't.csv'),
    ])
    expect(await readdir(folder.path)).toEqual(['t.csv'])
  })

  it('prints counts for people', async () => {
    const { stdout, stderr, exitCode } = await run('validate', TELCO_CSV)
    expect(exitCode).toBe(0)
    expect(stdout).toContain('7043 rows, 7043 valid, 0 invalid (No 5174, Yes 1869)')
    expect(stderr).toBe('')
  })
})

describe('a table with invalid rows', () => {
  it('is a result with exit code 3: line, column, value, nearest name, and the rows in quarantine', async () => {
    const table = changed(
      [0, 'tenure', 'abc'],
      [2, 'InternetService', 'Fibre optic'],
      [2, 'MonthlyCharges', '"1,5"'],
      [5, 'Churn', ''],
    )
    table[9] = (table[9] ?? []).slice(1)
    await folder.put('t.csv', table)
    const { exitCode, document } = await run('validate', 't.csv', '--json')
    expect([exitCode, document.ok]).toEqual([3, true])
    const { result } = document
    expect([result.valid, result.invalid, result.dataset.rows]).toEqual([36, 4, 40])
    expect(result.problems).toEqual([
      { line: 2, column: 'tenure', value: 'abc', message: 'is not a number' },
      {
        line: 4,
        column: 'InternetService',
        value: 'Fibre optic',
        message: 'is not a known value; did you mean Fiber optic?',
      },
      { line: 4, column: 'MonthlyCharges', value: '1,5', message: 'is not a number' },
      { line: 7, column: 'Churn', value: '', message: 'is empty' },
      {
        line: 10,
        column: null,
        value: expect.stringContaining('Female'),
        message: 'has 20 fields, the header has 21',
      },
    ])
    expect(result.quarantine).toBe(join(folder.path, 't.quarantine.csv'))
    const lines = (await readFile(result.quarantine, 'utf8')).trimEnd().split('\n')
    expect(lines[0]).toBe(`${header.join(',')},line,problems`)
    expect(lines).toHaveLength(5)
    expect(lines[2]).toContain('"1,5"')
    expect(
      lines[2]?.endsWith(
        '4,InternetService: is not a known value; did you mean Fiber optic?; MonthlyCharges: is not a number',
      ),
    ).toBe(true)
  })

  it('shows 20 problems, keeps all rows, and cleans up when the table is mended', async () => {
    await folder.put(
      't.csv',
      changed(...rows.map((_, row): [number, string, string] => [row, 'tenure', '-1'])),
    )
    const first = await run('validate', 't.csv', '--json')
    expect(first.document.result.problems).toHaveLength(20)
    expect(
      (await readFile(join(folder.path, 't.quarantine.csv'), 'utf8')).trimEnd().split('\n'),
    ).toHaveLength(41)
    await folder.put('t.csv', changed())
    expect((await run('validate', 't.csv')).exitCode).toBe(0)
    expect(existsSync(join(folder.path, 't.quarantine.csv'))).toBe(false)
  })

  it('prints a table for people, without the escapes that a value may hold', async () => {
    await folder.put('t.csv', changed([0, 'gender', '\u001b[31mF']))
    const { stdout } = await run('validate', 't.csv')
    expect(stdout).toContain('\\u001b[31mF')
    expect(stdout).not.toContain('\u001b[31mF')
    expect(stdout).toContain('The invalid rows are in')
  })
})

describe('a header that does not fit', () => {
  it('is a result too: every difference by name, no row judged, no quarantine', async () => {
    const table = changed()
    table[0] = header.map(
      (name) => ({ tenure: 'Tenure', Partner: 'gender', Churn: 'churned?' })[name] ?? name,
    )
    await folder.put('t.csv', table)
    const { exitCode, document } = await run('validate', 't.csv', '--json')
    expect([exitCode, document.ok]).toEqual([3, true])
    const { valid, invalid, problems, quarantine, classes } = document.result
    expect([valid, invalid, quarantine, classes]).toEqual([0, 40, null, {}])
    expect(
      problems.map((problem: { line: number; column: string }) => [problem.line, problem.column]),
    ).toEqual([
      [1, 'Partner'],
      [1, 'tenure'],
      [1, 'Churn'],
      [1, 'gender'],
      [1, 'Tenure'],
      [1, 'churned?'],
    ])
    expect(await readdir(folder.path)).toEqual(['t.csv'])
  })

  it('may lack the target where that was said', async () => {
    await folder.put(
      't.csv',
      changed().map((fields) => fields.slice(0, -1)),
    )
    expect((await run('validate', 't.csv')).exitCode).toBe(3)
    expect((await run('validate', 't.csv', '--unlabelled')).exitCode).toBe(0)
  })
})

describe('what cannot be judged', () => {
  it.each([
    ['an empty file', '', 'DATA_EMPTY', 'is empty'],
    ['a file of empty lines', '\ufeff\r\n\n', 'DATA_EMPTY', 'is empty'],
    ['a header alone', `${header.join(',')}\n`, 'DATA_EMPTY', 'no rows'],
    ['UTF-16', Buffer.from(`\ufeff${header.join(',')}\n`, 'utf16le'), 'DATA_ENCODING', 'UTF-16'],
    ['Latin-1', Buffer.from(`${header.join(',')}\n\xe9\n`, 'latin1'), 'DATA_ENCODING', 'line 2'],
    ['an open quote', `${header.join(',')}\n1,"Female\n`, 'DATA_INVALID', 'line 2'],
  ])('is an error with exit code 3: %s', async (_, content, code, words) => {
    await folder.put('t.csv', content)
    const { exitCode, document, stderr } = await run('validate', 't.csv', '--json')
    expect([exitCode, document.ok, document.error.code]).toEqual([3, false, code])
    expect(document.error.message).toContain(words)
    expect(document.error.hint).not.toBe('')
    expect(stderr).toContain(words)
    expect(await readdir(folder.path)).toEqual(['t.csv'])
  })

  it('includes a missing file and a directory', async () => {
    await mkdir(join(folder.path, 'd.csv'))
    const missing = await run('validate', 'none.csv', '--json')
    const directory = await run('validate', 'd.csv', '--json')
    expect([missing.exitCode, missing.document.error.code]).toEqual([3, 'DATA_UNREADABLE'])
    expect([directory.exitCode, directory.document.error.message]).toEqual([
      3,
      expect.stringContaining('is a directory'),
    ])
  })

  it('includes a file that may not be read', async () => {
    const path = await folder.put('t.csv', changed())
    await chmod(folder.path, 0o755)
    await chmod(path, 0o000)
    const root = process.getuid?.() === 0
    // Permissions do not hold root back.
    if (root) process.seteuid?.(65_534)
    const { exitCode, document } = await run('validate', 't.csv', '--json').finally(() => {
      if (root) process.seteuid?.(0)
    })
    expect([exitCode, document.error.code]).toEqual([3, 'DATA_UNREADABLE'])
    expect(document.error.message).toContain('permission denied')
  })

  it('keeps an older quarantine when a broken quote ends the reading, and writes no half of a new one', async () => {
    await folder.put('t.csv', changed([0, 'tenure', 'x']))
    await run('validate', 't.csv')
    const before = await readFile(join(folder.path, 't.quarantine.csv'), 'utf8')
    const broken = changed([0, 'tenure', 'y'], [1, 'tenure', 'z'], [30, 'gender', '"Female'])
    await folder.put('t.csv', broken)
    expect((await run('validate', 't.csv')).exitCode).toBe(3)
    expect(await readFile(join(folder.path, 't.quarantine.csv'), 'utf8')).toBe(before)
    expect((await readdir(folder.path)).sort()).toEqual(['t.csv', 't.quarantine.csv'])
  })
})

it('judges by the columns that the settings name', async () => {
  await folder.put(
    'columns.json',
    JSON.stringify({
      target: { column: 'gone', positive: '1', negative: '0' },
      features: [{ name: 'age', kind: 'number', minimum: 18 }],
    }),
  )
  await folder.put('churn-ops.json', JSON.stringify({ schema: 'columns.json' }))
  await folder.put('t.csv', 'gone,age\n1,20\n0,17\n')
  const { exitCode, document } = await run('validate', 't.csv', '--json')
  expect(exitCode).toBe(3)
  expect(document.result.problems).toEqual([{ line: 3, column: 'age', value: '17', message: 'is below 18' }])
  expect(document.result.classes).toEqual({ '0': 0, '1': 1 })
})
