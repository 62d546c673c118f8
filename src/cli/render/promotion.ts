import chalk from 'chalk'
import { type GateResult, signed } from '../../domain/gate.js'
import type { PolicyRules } from '../../domain/policy.js'
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
  const judged = result.gate?.outcome !== 'not-enough-data'
  return [
    ...(moves.length > 0 ? [table, ''] : []),
    ...(result.applied || result.rules === null || !judged ? [] : [renderRules(result.rules)]),
    ...(result.gate === null ? [] : renderGate(result.gate)),
    ...result.notes,
    sentence(result, moves.length),
    `Champion: version ${chalk.bold(version)} of ${model}, F1 ${f1?.toFixed(4) ?? 'not measured'}${before}.`,
    ...(judged
      ? [result.applied ? 'Next: churn-ops serve' : 'Nothing was changed: this was a dry run.']
      : []),
  ].join('\n')
}

function renderRules(rules: PolicyRules): string {
  return `Rules: ${JSON.stringify(rules)}`
}

function renderGate(gate: GateResult): string[] {
  const lines = [`Gate: ${gate.reason}.`]
  if (gate.interval !== null && gate.smallestVisible !== null) {
    const [low, high] = gate.interval
    lines.push(
      `95 % interval of the difference ${signed(low)} to ${signed(high)}; the smallest difference that these rows could have shown is ${gate.smallestVisible.toFixed(4)}.`,
    )
  }
  return lines
}

function sentence(result: PromoteResult, moves: number): string {
  if (result.gate?.outcome === 'not-enough-data')
    return `Policy ${result.policy}: not enough data to judge; nothing was changed.`
  if (!result.applied) return `Policy ${result.policy} would move ${moves} versions.`
  if (result.changed === 0)
    return `Policy ${result.policy}: everything is in place already; nothing was changed.`
  return `Policy ${result.policy}: ${result.changed} versions changed.`
}
