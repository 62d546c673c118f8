import chalk from 'chalk'
import type { Check, ReadyEnvironment } from '../../usecases/ports/environment.js'

/** The facts of `setup --json`. */
export function environmentFacts(ready: ReadyEnvironment, created: boolean): Record<string, unknown> {
  return {
    python: { version: ready.pythonVersion, interpreter: ready.interpreter },
    environment: { ready: true, folder: ready.folder, lock: ready.lockSha256, created },
  }
}

/** One line on the environment. */
export function describeEnvironment(ready: ReadyEnvironment, created: boolean): string {
  if (ready.folder === null)
    return `Your own Python ${ready.pythonVersion} at ${ready.interpreter} has all packages.`
  return `Python ${ready.pythonVersion} environment ${created ? 'made' : 'is ready'}: ${ready.folder}`
}

/** The rows of `doctor`, the cure below each failing one. */
export function renderChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length))
  return checks
    .flatMap(({ name, ok, message, cure }) => {
      const mark = ok ? chalk.green('ok  ') : chalk.red('FAIL')
      const row = `${mark}  ${name.padEnd(width)}  ${message}`
      return cure === null ? [row] : [row, `      ${' '.repeat(width)}  → ${cure}`]
    })
    .join('\n')
}

/** What `doctor --fix` put right. */
export function renderMended(mended: readonly string[]): string {
  if (mended.length === 0) return 'Nothing had to be repaired.'
  return mended.map((what) => `${chalk.yellow('mended')}  ${what}`).join('\n')
}
