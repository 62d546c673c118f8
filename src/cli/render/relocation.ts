import type { Relocation } from '../../contract/store.js'
import type { RelocateResult } from '../../usecases/upkeep/relocate-store.js'

/** What is about to be written, for the question. */
export function renderRelocationPlan({ from, to, places, warnings }: Relocation): string {
  const rows = Object.values(places).reduce((sum, count) => sum + count, 0)
  return [
    from.length === 0
      ? `The store in ${to} will be recorded as being there.`
      : `The store in ${to} says that its files are in ${from.join(' and ')}. ${rows} entries will be changed to ${to};`,
    ...(from.length === 0 ? [] : ['no files are moved or changed, here or there.']),
    ...warnings.map((warning) => `warning ${warning}`),
  ].join('\n')
}

/** A relocation in a few lines. */
export function renderRelocation({ relocated, isEmpty, to, backup, warnings }: RelocateResult): string {
  if (isEmpty) return 'There is nothing to relocate: the store names no files in another place.'
  if (!relocated) return 'Nothing was changed.'
  return [
    `The store now names the files in ${to}. The backup is ${backup}; keep it until everything works.`,
    ...warnings.map((warning) => `warning ${warning}`),
    'Next: churn-ops doctor',
  ].join('\n')
}
