import { printable } from './cell.js'
import type { TableSchema } from './schema.js'

/** Most tables have fewer customers who left than who stayed; turned labels turn every answer. */
const SUSPICIOUS_SHARE = 0.5

/**
 * The question whether the two labels were taken for each other; none when at most half of the rows are positive.
 *
 * @param classes rows by label
 */
export function balanceWarnings(
  classes: Readonly<Record<string, number>>,
  { target }: Pick<TableSchema, 'target'>,
): string[] {
  const count = (label: string): number => (Object.hasOwn(classes, label) ? (classes[label] ?? 0) : 0)
  const churned = count(target.positive)
  const all = churned + count(target.negative)
  if (churned <= SUSPICIOUS_SHARE * all) return []
  const share = Number(((churned / all) * 100).toFixed(1))
  return [
    printable(
      `${churned.toLocaleString('en')} of ${all.toLocaleString('en')} rows (${share} %) have "${target.positive}" in ${target.column}: is "${target.positive}" really the customer who left? If not, swap "positive" and "negative" in the schema.`,
    ),
  ]
}
