import type { HistoryResult } from '../../usecases/registry/history.js'
import { renderTable } from './table.js'

/** The journal for people, the oldest move first, and who was live. */
export function renderHistory(result: HistoryResult, model: string): string {
  const { entries, live, warnings } = result
  const lines =
    entries.length === 0
      ? [`${model} has no moves in its journal. Run \`churn-ops promote\`.`]
      : [
          renderTable(
            ['at', 'actor', 'action', 'version', 'before', 'from', 'to', 'reason'],
            entries.map((entry) => [
              entry.at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'),
              entry.actor,
              entry.state === undefined || entry.state === 'done'
                ? entry.action
                : `${entry.action} (${entry.state})`,
              entry.version,
              entry.previous ?? '',
              entry.from,
              entry.to,
              entry.reason,
            ]),
          ),
        ]
  if (live === null) lines.push('No version was live at that time.')
  else if (live !== undefined)
    lines.push(`Version ${live.version} was live at that time, since ${live.since}.`)
  return [...lines, ...warnings.map((warning) => `Note: ${warning}`)].join('\n')
}
