import chalk from 'chalk'
import type { RollbackResult } from '../../usecases/registry/rollback.js'

/** What a rollback did. */
export function renderRollback(result: RollbackResult, model: string): string {
  const { from, to, goldenRows, applied, notes } = result
  const lines: string[] = []
  if (goldenRows !== null && goldenRows > 0)
    lines.push(`Version ${to} loads and reproduces its ${goldenRows} stored predictions.`)
  if (applied) {
    lines.push(
      `Champion: version ${chalk.bold(to)} of ${model}${from === null ? '' : `; before: version ${from}`}.`,
    )
    if (from !== null)
      lines.push(`Version ${from} will not be promoted again without \`churn-ops promote --allow ${from}\`.`)
    lines.push('Next: restart churn-ops serve')
  } else if (goldenRows !== null) {
    lines.push(`It would replace version ${from ?? '–'}. Nothing was changed: this was a dry run.`)
  }
  return [...lines, ...notes].join('\n')
}
