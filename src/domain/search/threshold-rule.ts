import { ChurnOpsError } from '../../errors.js'

/** How a threshold is chosen, as it is written: a capacity may be a number of customers or a share. */
export type ThresholdChoice =
  | { kind: 'f1' }
  | { kind: '0.5' }
  | { kind: 'capacity'; customers: number }
  | { kind: 'capacity'; share: number }
  | CostRule

/** Chooses the threshold with the highest profit. */
export interface CostRule {
  kind: 'cost'
  /** Cost of contacting one customer. */
  contactCost: number
  /** Share of contacted churners who stay. */
  saveRate: number
  /** Worth of a customer who stays: a constant, or the name of a number column. */
  value: number | string
}

/** How a threshold is chosen for a table whose size is known. */
export type ThresholdRule = { kind: 'f1' } | { kind: '0.5' } | { kind: 'capacity'; share: number } | CostRule

export const THRESHOLD_KINDS = ['f1', 'capacity', 'cost', '0.5'] as const

/** Reads `500` or `10%`; null for anything else. */
export function parseCapacity(text: string): { customers: number } | { share: number } | null {
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())?.[1]
  if (percent !== undefined) {
    const share = Number(percent) / 100
    return share > 0 && share <= 1 ? { share } : null
  }
  const customers = /^\d+$/.test(text.trim()) ? Number(text) : 0
  return customers > 0 ? { customers } : null
}

/**
 * Turns a number of customers into a share of the table.
 *
 * @throws ChurnOpsError `CONFIG_INVALID` when the capacity is larger than the table.
 */
export function resolveThreshold(choice: ThresholdChoice, rows: number): ThresholdRule {
  if (choice.kind !== 'capacity' || 'share' in choice) return choice
  if (choice.customers > rows) {
    throw new ChurnOpsError('CONFIG_INVALID', {
      message: `A capacity of ${choice.customers} customers is larger than the table, which has ${rows} valid rows. Nothing was trained.`,
      hint: 'Give a smaller --capacity, or a share such as --capacity 10%.',
      details: { capacity: choice.customers, rows },
    })
  }
  return { kind: 'capacity', share: choice.customers / rows }
}
