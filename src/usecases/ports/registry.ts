import type { GateEvidence } from '../../domain/gate.js'
import type { JournalEntry } from '../../domain/journal-entry.js'
import type { PromotionMove } from '../../domain/promotion-policy.js'
import type { StoreAddress } from '../ports.js'

/** A plan to be carried out. */
export interface ApplyRequest {
  store: StoreAddress
  /** Such as `promote` or `rollback`. */
  action: string
  moves: PromotionMove[]
  /** Version that holds the alias when the work is done; null leaves the alias alone. */
  champion: string | null
  /** Version that was live before; null when there was none. */
  previous: string | null
  /** Version that held the alias when the plan was made: a plan made on old facts is refused. */
  holder: string | null
  policy: string
  actor: string
  waitSeconds: number
  /** Rules of the policy, for their hash. */
  policyRules?: object | null
  /** The comparison behind the move or the look. */
  evidence?: GateEvidence | null
  /** A challenger that was looked at and did not win. */
  look?: { version: string; reason: string } | null
  /** Version that gets the alias `challenger`; null takes it away, absent leaves it. */
  challenger?: string | null
  /** Versions that get or lose the mark of a rollback. */
  rolledBack?: { set: string[]; clear: string[] }
  /** `NAME@VERSION` of a version that may go live although loading it runs code. */
  allowPickle?: string | null
}

/** What carrying out a plan came to. */
export interface Applied {
  /** Versions that were written to. */
  changed: number
  journal: JournalEntry[]
  /** What could not be checked of a new champion. */
  notes: string[]
}
