import { ChurnOpsError } from '../../errors.js'

/**
 * Reads the number of a version as people write it: `7` or `v7`.
 *
 * @throws ChurnOpsError `USAGE` for anything else.
 */
export function versionNumber(text: string): string {
  const [, digits] = /^v?0*([1-9]\d{0,9})$/.exec(text.trim()) ?? []
  if (digits !== undefined) return digits
  throw new ChurnOpsError('USAGE', {
    message: `${JSON.stringify(text)} is not a version; versions are numbers. Nothing was done.`,
    hint: 'Run `churn-ops models` to list the versions.',
    details: { version: text },
  })
}
