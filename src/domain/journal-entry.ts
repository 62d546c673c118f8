/** One entry of the journal of moves. */
export interface JournalEntry {
  /** ISO 8601, UTC. */
  at: string
  actor: string
  /** `promote`, `rollback`, or `stage` for a version that only changed its stage. */
  action: string
  version: string
  /** The champion that it replaced; null for any other move. */
  previous: string | null
  from: string
  to: string
  reason: string
  policy: string
  /** `intent` when the move was never finished. */
  state?: string | undefined
}
