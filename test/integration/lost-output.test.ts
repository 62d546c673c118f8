import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import { tableFolder, telcoRows } from '../helpers/table-folder.js'

const PROGRAM = `'${process.execPath}' '${join(packageRoot, 'dist', 'bin.js')}'`

let folder: Awaited<ReturnType<typeof tableFolder>>

beforeAll(async () => {
  folder = await tableFolder()
  const { header, rows } = telcoRows(40)
  await folder.put('d.csv', [header, ...rows])
  await folder.put('bad.csv', [
    header,
    ...rows.map((row) => row.map((cell) => (cell === 'No' ? 'Maybe' : cell))),
  ])
})
afterAll(() => folder.remove())

/** Runs a line of bash, in which `churn-ops` is the built program. */
function shell(line: string): { status: number | null; stdout: string; stderr: string } {
  const script = `set -o pipefail; churn-ops() { ${PROGRAM} "$@"; }; ${line}`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder.path, encoding: 'utf8' })
  return { status, stdout, stderr }
}

// The device of Linux on which every write finds the disk full.
describe.runIf(process.platform === 'linux')('a full disk', () => {
  test.each([
    '--help',
    '--version',
    'train --help',
    'validate d.csv',
    'validate d.csv --json',
    'validate bad.csv',
  ])('is told and ends with 5 when it takes no result: %s', (command) => {
    const { status, stderr } = shell(`churn-ops ${command} > /dev/full`)
    expect([status, stderr]).toEqual([5, expect.stringContaining('ENOSPC')])
    expect(stderr).toContain('DISK_FULL')
  })

  test('ends with 5 too when an error could not be told', () => {
    expect(shell('churn-ops validate none.csv 2> /dev/full').status).toBe(5)
    const document = shell('churn-ops validate none.csv --json 2> /dev/full')
    expect([document.status, JSON.parse(document.stdout).error.code]).toEqual([5, 'DATA_UNREADABLE'])
    const failed = shell('churn-ops validate none.csv --json > /dev/full')
    expect([failed.status, failed.stderr]).toEqual([5, expect.stringContaining('exited with code 3')])
  })

  test('changes nothing where nothing had to be written', () => {
    expect(shell('churn-ops validate d.csv --quiet 2> /dev/full').status).toBe(0)
  })
})

test('a file that takes only the beginning is not taken for a whole result', () => {
  // The limit lets the kernel write a part first, as a disk does that fills up in the middle of a document.
  const limited = shell("trap '' XFSZ; ulimit -f 1; churn-ops --help > part.txt")
  expect([limited.status, limited.stderr]).toEqual([5, expect.stringContaining('EFBIG')])
  const part = readFileSync(join(folder.path, 'part.txt'), 'utf8')
  expect(part.length).toBeGreaterThan(0)
  expect(shell('churn-ops --help').stdout.startsWith(part)).toBe(true)
})

describe('a reader that went away', () => {
  test.each([
    ['--help | true', 0],
    ['--help | head -1', 0],
    ['validate d.csv --json | true', 0],
    ['validate bad.csv | true', 3],
    ['nonsense 2>&1 | true', 2],
  ])('is no error: %s', (command, status) => {
    const run = shell(`churn-ops ${command}`)
    expect([run.status, run.stderr]).toEqual([status, ''])
  })
})

test('what goes into a pipe arrives whole', () => {
  const piped = shell('churn-ops validate bad.csv --json | cat')
  expect(piped.status).toBe(3)
  expect(JSON.parse(piped.stdout).result.problems).toHaveLength(20)
})
