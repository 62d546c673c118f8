import chalk from 'chalk'
import type { PromoteResult } from '../../usecases/promote.js'
import { renderTable } from './table.js'

/** The plan of a promotion, what was done, and who is live. */
export function renderPromotion(result: PromoteResult, model: string): string {
  const moves = result.plan.filter((move) => move.from !== move.to)
  const table = renderTable(
    ['version', 'from', 'to', 'F1', 'reason'],
    moves.map((move) => [move.version, move.from, move.to, move.f1?.toFixed(4) ?? '–', move.reason]),
  )
  const { version, f1, previous } = result.champion
  const before = previous === null ? '' : `; before: version ${previous}`
  return [
    ...(moves.length > 0 ? [table, ''] : []),
    sentence(result, moves.length),
    `Champion: version ${chalk.bold(version)} of ${model}, F1 ${f1?.toFixed(4) ?? 'not measured'}${before}.`,
    result.applied ? 'Next: churn-ops serve' : 'Nothing was changed: this was a dry run.',
  ].join('\n')
}

function sentence(result: PromoteResult, moves: number): string {
  if (!result.applied) return `Policy ${result.policy} would move ${moves} versions.`
  if (result.changed === 0)
    return `Policy ${result.policy}: everything is in place already; nothing was changed.`
  return `Policy ${result.policy}: ${result.changed} versions changed.`
}
