/** How rows are split: the documents' way, by a hash of the customer id, or by date. */
export const SPLIT_KINDS = ['random', 'id', 'time'] as const

export type SplitKind = (typeof SPLIT_KINDS)[number]
