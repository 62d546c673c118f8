import { ChurnOpsError } from '../errors.js'

/** The option that names the one version whose files may run code when they are loaded. */
export const allowPickleOption = {
  type: 'string',
  requiresArg: true,
  describe: 'NAME@VERSION: trust this version although loading it can run code (pickle)',
} as const

/**
 * Reads the option; null when it was not given.
 *
 * @throws ChurnOpsError `USAGE` when it does not name exactly one version.
 */
export function namedPickle(given: unknown): string | null {
  if (given === undefined) return null
  const text = String(given)
  if (/^[^@]+@[1-9]\d*$/.test(text)) return text
  throw new ChurnOpsError('USAGE', {
    message: `--allow-pickle ${text} does not name a version; nothing was changed.`,
    hint: 'Name model and version, such as --allow-pickle RandomForestGridSearch@7.',
    details: { allowPickle: text },
  })
}
