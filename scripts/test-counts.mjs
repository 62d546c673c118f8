// Reads how many tests passed, failed and were skipped from the reports of vitest and pytest.
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
