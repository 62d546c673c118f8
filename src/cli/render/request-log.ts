import type { ShownLog } from '../../usecases/serving/show-log.js'
import { renderTable } from './table.js'

/** The last rows of the request log as a table, without their features. */
export function renderLog({ rows, total, unreadable, folder, path }: ShownLog): string {
  const lines = rows.map(({ time, source, version, customer, label, probability }) => [
    time,
    source,
    version,
    customer ?? '',
    String(label),
    probability === null ? '' : probability.toFixed(4),
  ])
  return [
    ...(rows.length === 0
      ? []
      : [renderTable(['time', 'source', 'version', 'customer', 'label', 'probability'], lines)]),
    `${total} rows in ${folder}, ${rows.length} shown.`,
    ...(unreadable === 0 ? [] : [`${unreadable} lines are no rows, such as one that a crash tore.`]),
    ...(path === null ? [] : [`They were written to ${path}.`]),
  ].join('\n')
}
