import type { GateEvidence } from './gate.js'

/** One entry of the journal of moves. */
export interface JournalEntry {
  /** ISO 8601, UTC. */
  at: string
  actor: string
  /**
   * `promote`, `rollback` or `mend` for a version that went live, `stage` for one that only changed its stage, `gate` for
   * a challenger that did not win.
   */
  action: string
  /** Absent in entries of older releases. */
  model?: string | undefined
  version: string
  /** The champion that it replaced; null for any other move. */
  previous: string | null
  from: string
  to: string
  reason: string
  policy: string
  /** First digits of the SHA-256 of the policy's rules; null under the documents' policy. */
  policySha256?: string | null | undefined
  evidence?: GateEvidence | null | undefined
  /** `intent` when the move was never finished, `abandoned` when it was found not to have taken place. */
  state?: string | undefined
}

/** True for an entry that says which version went live. */
export function wentLive(entry: JournalEntry): boolean {
  const done = entry.state === undefined || entry.state === 'done'
  return done && entry.action !== 'stage' && entry.action !== 'gate'
}
