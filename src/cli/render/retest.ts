import { signed } from '../../domain/promotion/gate.js'
import type { RetestedVersion, RetestResult } from '../../usecases/registry/retest.js'
import { renderTable } from './table.js'

/** Every living version on fresh rows, the best first. */
export function renderRetest({ file, metric, champion, versions }: RetestResult): string {
  const table = renderTable(
    [
      'version',
      'stage',
      'F1 then',
      `${metric} now`,
      '95 % interval',
      'against champion',
      'rows',
      'dropped',
      '',
    ],
    versions.map((version) => [
      version.version + (version.version === champion ? ' *' : ''),
      version.stage,
      version.f1?.toFixed(4) ?? '–',
      ...cells(version),
    ]),
  )
  return [
    table,
    '',
    `Scored on rows of ${file} that the version was not trained on; * is the champion. Nothing was moved.`,
  ].join('\n')
}

function cells(version: RetestedVersion): string[] {
  if ('problem' in version) return ['–', '', '', '', '', version.problem]
  const { score, interval, againstChampion, rows, dropped } = version
  return [
    score?.toFixed(4) ?? '–',
    interval === null ? '' : `${interval[0].toFixed(3)} to ${interval[1].toFixed(3)}`,
    againstChampion === null ? '' : signed(againstChampion.difference),
    String(rows),
    String(dropped),
    score === null ? 'one class only' : '',
  ]
}
