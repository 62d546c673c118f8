import { z } from 'zod'
import type { GateEvidence } from '../promotion/gate.js'

/** The shape of an entry, as the journal file and the versions' tags hold it. */
export const journalEntrySchema = z.object({
  /** ISO 8601, UTC. */
  at: z.string(),
  actor: z.string(),
  /**
   * `promote`, `rollback` or `mend` for a version that went live, `stage` for one that only changed its stage, `gate` for
   * a challenger that did not win, `serve` for a live version that a running server could not take.
   */
  action: z.string(),
  /** Absent in entries of older releases. */
  model: z.string().optional(),
  version: z.string(),
  /** The champion that it replaced; null for any other move. */
  previous: z.string().nullable(),
  from: z.string(),
  to: z.string(),
  reason: z.string(),
  policy: z.string(),
  /** First digits of the SHA-256 of the policy's rules; null under the documents' policy. */
  policySha256: z.string().nullish(),
  evidence: z.custom<GateEvidence>((value) => typeof value === 'object').nullish(),
  /** `intent` when the move was never finished, `abandoned` when it was found not to have taken place. */
  state: z.string().optional(),
})

/** One entry of the journal of moves. */
export type JournalEntry = z.infer<typeof journalEntrySchema>

/** True for an entry that says which version went live. */
export function wentLive(entry: JournalEntry): boolean {
  const done = entry.state === undefined || entry.state === 'done'
  return done && !['stage', 'gate', 'serve'].includes(entry.action)
}
