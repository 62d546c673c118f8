import type { MonitorResult } from '../../usecases/drift/monitor.js'
import { renderTable } from './table.js'

const SENTENCE = {
  healthy: 'Healthy: the live data looks like the training data.',
  drift: 'DRIFT: the live data no longer looks like the training data.',
  'not-enough-data': 'Not enough data to judge.',
} as const

/** A monitoring run for people: columns, quality, verdict, reports, decision. */
export function renderDrift(result: MonitorResult): string {
  const { window, version, performance, reports, retrained } = result
  const rows = window.source === 'held-out' ? 'held-out rows' : `rows of ${window.source}`
  const blocks = [`Version ${version}, ${window.rows} ${rows}${window.simulated ? ', drift simulated' : ''}`]
  if (result.columns.length > 0) blocks.push(columnsTable(result))
  if (performance !== null) blocks.push(qualityTable(performance))
  blocks.push([SENTENCE[result.verdict], ...result.decision.reasons].join('\n'))
  if (result.warnings.length > 0) blocks.push(result.warnings.map((warning) => `Note: ${warning}`).join('\n'))
  if (reports !== null) blocks.push(`Reports: ${reports.html}\n         ${reports.json}`)
  if (retrained !== null) {
    blocks.push(
      `Retrained on ${retrained.rows} rows (${retrained.newRows} new): ${retrained.versions.length} versions`,
    )
  }
  return blocks.join('\n\n')
}

function columnsTable({ columns }: MonitorResult): string {
  return renderTable(
    ['column', 'method', 'score', 'limit', ''],
    columns.map(({ name, method, score, threshold, drifted }) => [
      name,
      method,
      rounded(score),
      String(threshold),
      score === null ? 'cannot judge' : drifted ? 'drifted' : '',
    ]),
  )
}

function qualityTable({ reference, window, rows }: NonNullable<MonitorResult['performance']>): string {
  return renderTable(
    ['quality', 'reference', `window (${rows} rows)`],
    Object.keys(window).map((name) => [
      name,
      rounded(reference[name] ?? null),
      rounded(window[name] ?? null),
    ]),
  )
}

function rounded(value: number | null): string {
  return value === null ? '–' : value.toFixed(4)
}
