import chalk from 'chalk'
import { type GateResult, signed } from '../../domain/promotion/gate.js'
import type { PolicyRules } from '../../domain/promotion/policy.js'
import type { PromotionMove } from '../../domain/promotion/promotion-policy.js'
import { STAGES } from '../../domain/registry/stage.js'
import type { PromoteResult } from '../../usecases/registry/promote.js'
import { ranges } from './ranges.js'
import { renderTable } from './table.js'

/** From so many moves on their reasons are worth a screen of their own. */
const MANY_MOVES = 6

/** The plan of a promotion, what was done, and who is live. */
export function renderPromotion(
  result: PromoteResult,
  model: string,
  { verbose }: { verbose: boolean } = { verbose: false },
): string {
  const moves = result.plan.filter((move) => move.from !== move.to)
  const table = verbose || moves.length < MANY_MOVES ? renderMoves(moves) : renderStages(moves)
  const judged = result.gate?.outcome !== 'not-enough-data' && result.refusal === null
  return [
    ...(moves.length > 0 ? [table, ''] : []),
    ...(result.applied || result.rules === null || !judged ? [] : [renderRules(result.rules)]),
    ...(result.gate === null ? [] : renderGate(result.gate)),
    ...(result.refusal === null ? [] : [`Version ${result.refusal.version}: ${result.refusal.reason}.`]),
    ...result.notes,
    sentence(result, moves.length),
    renderChampion(result.champion, model),
    ...(judged
      ? [result.applied ? 'Next: churn-ops serve' : 'Nothing was changed: this was a dry run.']
      : []),
  ].join('\n')
}

function renderMoves(moves: readonly PromotionMove[]): string {
  return renderTable(
    ['version', 'from', 'to', 'F1', 'reason'],
    moves.map((move) => [move.version, move.from, move.to, move.f1?.toFixed(4) ?? '–', move.reason]),
  )
}

function renderStages(moves: readonly PromotionMove[]): string {
  const rows = [...STAGES].reverse().flatMap((stage) => {
    const moved = moves.filter(({ to }) => to === stage)
    if (moved.length === 0) return []
    return [[stage, String(moved.length), ranges(moved.map(({ version }) => Number(version)))]]
  })
  return `${renderTable(['to', 'moves', 'versions'], rows)}\nRun it with --verbose for the reason of each move.`
}

function renderChampion(champion: PromoteResult['champion'], model: string): string {
  if (champion === null) return `No version of ${model} is live.`
  const { version, f1, previous } = champion
  const before = previous === null ? '' : `; before: version ${previous}`
  return `Champion: version ${chalk.bold(version)} of ${model}, F1 ${f1?.toFixed(4) ?? 'not measured'}${before}.`
}

function renderRules(rules: PolicyRules): string {
  return `Rules: ${JSON.stringify(rules)}`
}

function renderGate(gate: GateResult): string[] {
  const lines = [`Gate: ${gate.reason}.`]
  if (gate.interval !== null && gate.smallestVisible !== null) {
    const [low, high] = gate.interval
    const told =
      gate.power === null
        ? `the smallest difference that these rows could detect is ${gate.smallestVisible.toFixed(4)}`
        : `an equal model would pass on these rows with ${Math.round(gate.power.equalPasses * 100)} % probability`
    lines.push(`95 % interval of the difference ${signed(low)} to ${signed(high)}; ${told}.`)
  }
  return lines
}

function sentence(result: PromoteResult, moves: number): string {
  if (result.refusal !== null)
    return result.refusal.outcome === 'not-enough-data'
      ? `Policy ${result.policy}: not enough data to judge; nothing was changed.`
      : `Policy ${result.policy}: version ${result.refusal.version} does not go live; nothing was changed.`
  if (result.gate?.outcome === 'not-enough-data')
    return `Policy ${result.policy}: not enough data to judge; nothing was changed.`
  if (!result.applied) return `Policy ${result.policy} would move ${moves} versions.`
  if (result.changed === 0)
    return `Policy ${result.policy}: everything is already in place; nothing was changed.`
  return `Policy ${result.policy}: ${result.changed} versions changed.`
}
