import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../../helpers/imports.js'

interface Counts {
  passed: number
  failed: number
  skipped: number
}
type Count = (path: string, exitCode: number) => Counts

let folder: string
let vitestCounts: Count
let pytestCounts: Count

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'churn-ops-counts-'))
  const script = pathToFileURL(join(root, 'scripts', 'test-counts.mjs')).href
  const loaded = (await import(script)) as { vitestCounts: Count; pytestCounts: Count }
  vitestCounts = loaded.vitestCounts
  pytestCounts = loaded.pytestCounts
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function report(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const vitestReport = (testResults: unknown[], failed = 0): string =>
  JSON.stringify({
    numPassedTests: 5,
    numFailedTests: failed,
    numPendingTests: 2,
    numTodoTests: 1,
    testResults,
  })
const junit = (attributes: string): string =>
  `<testsuites><testsuite name="pytest" ${attributes}></testsuite></testsuites>`

describe('the count of npm test', () => {
  test('takes passed, failed and skipped tests from vitest', () => {
    const results = [{ status: 'failed', assertionResults: [{ status: 'failed' }] }]
    const path = report('vitest.json', vitestReport(results, 1))
    expect(vitestCounts(path, 1)).toEqual({ passed: 5, failed: 1, skipped: 3 })
  })

  test('counts a test file that did not load as failed', () => {
    const path = report('broken.json', vitestReport([{ status: 'failed', assertionResults: [] }]))
    expect(vitestCounts(path, 1)).toMatchObject({ failed: 1 })
  })

  test('takes passed, failed and skipped tests from pytest, with errors as failed', () => {
    const path = report('pytest.xml', junit('errors="1" failures="2" skipped="3" tests="10" time="1"'))
    expect(pytestCounts(path, 1)).toEqual({ passed: 4, failed: 3, skipped: 3 })
  })

  test('never looks well when a runner ended badly or left no report', () => {
    const well = report('well.xml', junit('errors="0" failures="0" skipped="0" tests="10"'))
    expect(pytestCounts(well, 0)).toEqual({ passed: 10, failed: 0, skipped: 0 })
    expect(pytestCounts(well, 1)).toMatchObject({ failed: 1 })
    expect(vitestCounts(report('well.json', vitestReport([])), 1)).toMatchObject({ failed: 1 })
    expect(pytestCounts(join(folder, 'missing.xml'), 2)).toMatchObject({ passed: 0, failed: 1 })
    expect(vitestCounts(join(folder, 'missing.json'), 1)).toMatchObject({ passed: 0, failed: 1 })
  })
})

test('the slowest tests of both are named, the slowest first', async () => {
  const script = pathToFileURL(join(root, 'scripts', 'test-counts.mjs')).href
  const { slowestTests } = (await import(script)) as {
    slowestTests: (vitest: string, pytest: string, count: number) => [number, string][]
  }
  const vitest = report(
    'times.json',
    JSON.stringify({
      testResults: [
        {
          name: '/somewhere/test/unit/a.test.ts',
          startTime: 1000,
          endTime: 6000,
          assertionResults: [
            { fullName: 'a quick one', duration: 100 },
            { fullName: 'a slow one', duration: 2900 },
          ],
        },
      ],
    }),
  )
  const pytest = report(
    'times.xml',
    '<testsuites><testsuite tests="2"><testcase classname="test.python.test_b" name="test_c[x]" time="2.5"></testcase>' +
      '<testcase classname="test.python.test_b" name="test_d" time="0.1" /></testsuite></testsuites>',
  )
  expect(slowestTests(vitest, pytest, 3)).toEqual([
    [2.9, 'test/unit/a.test.ts a slow one'],
    [2.5, 'test.python.test_b test_c[x]'],
    [2, 'test/unit/a.test.ts (set-up)'],
  ])
  expect(slowestTests(join(folder, 'none'), join(folder, 'none'), 3)).toEqual([])
})
