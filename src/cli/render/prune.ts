import chalk from 'chalk'
import type { PrunePlan } from '../../domain/registry/prune-plan.js'
import type { PruneResult } from '../../usecases/upkeep/prune.js'
import { ranges } from './ranges.js'

/** What a prune would do, one line a reason. */
export function renderPrunePlan({ plan, leftovers, freedBytes }: PrunePlan): string {
  const lines: string[] = []
  for (const [action, shown] of [
    ['keep', chalk.green('keep  ')],
    ['delete', chalk.red('delete')],
  ] as const) {
    const items = plan.filter((item) => item.action === action)
    for (const [reason, group] of groupBy(items, ({ reason }) => reason)) {
      const versions = ranges(group.map(({ version }) => Number(version)))
      const named = group.length === 1 ? `version ${versions}` : `versions ${versions}`
      lines.push(`${shown}  ${named} (${size(sum(group))}): ${reason}`)
    }
  }
  for (const [, group] of groupBy(leftovers, ({ kind, reason }) => `${kind} ${reason}`)) {
    const first = group[0]
    if (first === undefined) continue
    const what = `${group.length} ${WORDS[first.kind][group.length === 1 ? 0 : 1]}`
    lines.push(`${chalk.red('delete')}  ${what} (${size(sum(group))}): ${first.reason}`)
  }
  if (isEmpty({ plan, leftovers })) lines.push('Nothing to delete.')
  else lines.push(`Together ${size(freedBytes)}.`)
  return lines.join('\n')
}

const WORDS = {
  model: ['candidate without a version', 'candidates without a version'],
  search: ['search with its rows', 'searches with their rows'],
  folder: ['work folder', 'work folders'],
} as const

/** What a prune did. */
export function renderPrune(result: PruneResult, dryRun: boolean): string {
  const { applied, deleted, freedBytes, skipped } = result
  if (dryRun) return `${renderPrunePlan(result)}\nNothing was deleted: this was a dry run.`
  if (!applied) return isEmpty(result) ? renderPrunePlan(result) : 'Nothing was deleted.'
  const versions = deleted.length === 1 ? '1 version' : `${deleted.length} versions`
  return [`Deleted ${versions}; freed ${size(freedBytes)}.`, ...skipped].join('\n')
}

function isEmpty({ plan, leftovers }: Pick<PrunePlan, 'plan' | 'leftovers'>): boolean {
  return leftovers.length === 0 && plan.every(({ action }) => action === 'keep')
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return [...groups]
}

function sum(items: readonly { bytes: number }[]): number {
  return items.reduce((total, { bytes }) => total + bytes, 0)
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
