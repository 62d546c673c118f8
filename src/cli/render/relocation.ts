import type { Relocation } from '../../contract/store.js'
import type { RelocateResult } from '../../usecases/upkeep/relocate-store.js'

/** What is about to be written, for the question. */
export function renderRelocationPlan({ from, to, places, warnings }: Relocation): string {
  const rows = Object.values(places).reduce((sum, count) => sum + count, 0)
  return [
    from.length === 0
      ? `The store in ${to} will be noted as lying there.`
      : `The store in ${to} says that its files lie in ${from.join(' and ')}. ${rows} entries will name ${to} instead;`,
    ...(from.length === 0 ? [] : ['files are neither moved nor changed, here or there.']),
    ...warnings.map((warning) => `warning ${warning}`),
  ].join('\n')
}

/** A relocation in a few lines. */
export function renderRelocation({ relocated, isEmpty, to, backup, warnings }: RelocateResult): string {
  if (isEmpty) return 'There is nothing to relocate: the store names no files of another place of it.'
  if (!relocated) return 'Nothing was changed.'
  return [
    `The store names the files in ${to} now. Its back-up is ${backup}; keep it until all works.`,
    ...warnings.map((warning) => `warning ${warning}`),
    'Next: churn-ops doctor',
  ].join('\n')
}
