import { ChurnOpsError } from '../../errors.js'

/** The error for a server that is not there when it should be, with the last lines that it printed. */
export function serverFailed(name: string, how: string, lastLines: readonly string[]): ChurnOpsError {
  const quoted =
    lastLines.length === 0 ? '' : ` Its last lines:\n${lastLines.map((line) => `  ${line}`).join('\n')}`
  return new ChurnOpsError('SERVER_START', {
    message: `The ${name} ${how}; all its processes have ended.${quoted}`,
    hint: 'Run `churn-ops doctor`; it checks packages, store, model and port.',
    details: { lastLines },
  })
}
