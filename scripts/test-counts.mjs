// Reads from the reports of vitest and pytest how many tests passed, failed and were skipped, and how long each took.
import { existsSync, readFileSync } from 'node:fs'

const NONE = { passed: 0, failed: 0, skipped: 0 }

/** Counts of vitest's JSON report; a test file that did not load counts as one failed test. */
export function vitestCounts(path, exitCode) {
  if (!existsSync(path)) return { ...NONE, failed: 1 }
  const report = JSON.parse(readFileSync(path, 'utf8'))
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  return atLeastOneFailed(
    {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken.length,
      skipped: report.numPendingTests + report.numTodoTests,
    },
    exitCode,
  )
}

/** Counts of pytest's JUnit report; an error outside a test counts as one failed test. */
export function pytestCounts(path, exitCode) {
  if (!existsSync(path)) return { ...NONE, failed: 1 }
  const suite = /<testsuite [^>]*>/.exec(readFileSync(path, 'utf8'))?.[0] ?? ''
  const number = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0)
  const failed = number('failures') + number('errors')
  const skipped = number('skipped')
  return atLeastOneFailed(
    { passed: Math.max(0, number('tests') - failed - skipped), failed, skipped },
    exitCode,
  )
}

// A runner that ended badly without a failed test (an unhandled error, say) must not look well.
function atLeastOneFailed(counts, exitCode) {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

/** The tests that took longest, the slowest first, as `[seconds, title]`; a file's set-up counts as a test of it. */
export function slowestTests(vitestPath, pytestPath, count) {
  return [...vitestTimes(vitestPath), ...pytestTimes(pytestPath)]
    .sort(([one], [other]) => other - one)
    .slice(0, count)
}

function vitestTimes(path) {
  if (!existsSync(path)) return []
  return JSON.parse(readFileSync(path, 'utf8')).testResults.flatMap(
    ({ name, startTime, endTime, assertionResults }) => {
      const file = name.replace(/^.*\/test\//, 'test/')
      const tests = assertionResults.map(({ duration, fullName }) => [
        (duration ?? 0) / 1000,
        `${file} ${fullName.trim()}`,
      ])
      const within = tests.reduce((total, [seconds]) => total + seconds, 0)
      return [...tests, [(endTime - startTime) / 1000 - within, `${file} (set-up)`]]
    },
  )
}

function pytestTimes(path) {
  if (!existsSync(path)) return []
  const cases = readFileSync(path, 'utf8').matchAll(/<testcase ([^>]*)>/g)
  return [...cases].map(([, attributes]) => {
    const value = (name) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1] ?? ''
    return [Number(value('time')), `${value('classname')} ${value('name')}`]
  })
}
