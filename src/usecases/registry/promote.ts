import type { CheckedTable } from '../../contract/table.js'
import type { OnProgress } from '../../domain/progress.js'
import type { GateResult } from '../../domain/promotion/gate.js'
import { type Refusal, withoutMoves } from '../../domain/promotion/going-live.js'
import type { Policy, PolicyRules } from '../../domain/promotion/policy.js'
import { type PromotionMove, planByDocuments } from '../../domain/promotion/promotion-policy.js'
import type { SkillFacts } from '../../domain/promotion/skill.js'
import { championOf } from '../../domain/registry/champion.js'
import type { ModelVersion } from '../../domain/registry/model-version.js'
import type { StoreAddress } from '../../domain/store-address.js'
import { ChurnOpsError } from '../../errors.js'
import type { Comparer, Notifier } from '../ports/promotion.js'
import type { Journal, Registry } from '../ports/registry.js'
import { checkGoingLive } from './check-going-live.js'
import { completeJournal } from './complete-journal.js'
import type { Decision } from './decision.js'
import { finishInterruptedMoves } from './finish-interrupted-moves.js'
import { decideByGate } from './promote-gated.js'

export interface PromoteInput {
  store: StoreAddress
  policy: Policy
  /** Fresh labelled rows to judge on; null for the stored held-out rows. */
  fresh: CheckedTable | null
  /** Versions that may go live again although they were rolled back. */
  allow: readonly string[]
  /** `NAME@VERSION` of a version that may go live although loading it runs code; null for none. */
  allowPickle: string | null
  /** Why a version may go live although it shows no skill, for the journal; null when it may not. */
  allowNoSkill: string | null
  dryRun: boolean
  actor: string
  waitSeconds: number
}

export interface PromoteResult {
  policy: string
  /** The rules of the policy as data; null are the documents' own. */
  rules: PolicyRules | null
  plan: PromotionMove[]
  /** The live version when all is done; null when there was none and none goes live. */
  champion: { version: string; f1: number | null; previous: string | null } | null
  /** The comparison with the champion; null when there was none to make. */
  gate: GateResult | null
  /** What the version that would go live shows by itself; null when none would, or when that is not known. */
  skill: SkillFacts | null
  /** Why that version does not go live; null when nothing keeps it out. */
  refusal: Refusal | null
  /** False after a dry run or a refusal, and when there was not enough data to judge. */
  applied: boolean
  /** Versions that were written to; 0 when everything was in place. */
  changed: number
  notes: string[]
}

export interface PromotePorts {
  registry: Registry
  comparer: () => Promise<Comparer>
  journal: Journal
  notifier: () => Promise<Notifier>
  onProgress: OnProgress
}

/** Plans that are made again when another process moved versions meanwhile. */
const PLANS = 3

/**
 * Plans the stages of every version by a policy and, unless it is a dry run, carries the plan out. Moves that a killed
 * command left half done are finished first; a plan that another process has overtaken is made again.
 *
 * @throws ChurnOpsError `NO_VERSIONS`, `NO_MEASURED_VERSION`, `CHAMPION_GONE`, `MODEL_INTEGRITY`, `PICKLE_REFUSED`,
 * `SIGNATURE_MISSING`, `BUSY`, or of the store; the registry is then as it was.
 */
export async function promote(input: PromoteInput, ports: PromotePorts): Promise<PromoteResult> {
  const notes: string[] = []
  for (let plan = 1; ; plan += 1) {
    try {
      const result = await promoteOnce(input, ports, notes)
      return { ...result, notes: [...notes, ...result.notes] }
    } catch (error) {
      const isStale = error instanceof ChurnOpsError && error.code === 'BUSY' && error.details.stale === true
      if (!isStale || plan === PLANS) throw error
    }
  }
}

async function promoteOnce(
  input: PromoteInput,
  ports: PromotePorts,
  before: string[],
): Promise<PromoteResult> {
  const rest = await finishInterruptedMoves(input, ports)
  before.push(...rest.notes)
  const { versions } = rest
  const { name, rules } = input.policy
  const { decision, skill, refusal } = await checkGoingLive(
    await decide(input, versions, ports),
    { ...input, rules },
    versions,
    ports,
  )
  const { plan, gate, notes } = decision
  const planned =
    refusal === null
      ? { plan: plan.moves, champion: plan.champion }
      : { plan: withoutMoves(plan, refusal), champion: stays(versions) }
  const result = { policy: plan.policy, rules, ...planned, gate, skill, refusal, notes }
  if (input.dryRun) return { ...result, applied: false, changed: 0 }
  if (refusal !== null || gate?.outcome === 'not-enough-data') {
    const unwritten = await completeJournal(input.store, ports)
    return { ...result, notes: [...notes, ...unwritten], applied: false, changed: 0 }
  }

  const live = plan.champion.version
  const chosen = versions.find((each) => each.version === live)
  const wasRolledBack = chosen !== undefined && chosen.rolledBackAt !== null
  // What is live is no challenger any more, whichever policy chose it.
  const challenger = chosen?.aliases.includes('challenger') ? null : decision.challenger
  const applied = await ports.registry.apply(
    {
      store: input.store,
      action: 'promote',
      moves: plan.moves,
      champion: live,
      previous: plan.champion.previous,
      holder: plan.holder,
      policy: name,
      policyRules: rules,
      actor: input.actor,
      waitSeconds: input.waitSeconds,
      evidence: decision.evidence,
      look: decision.look,
      allowPickle: input.allowPickle,
      ...(challenger === undefined ? {} : { challenger }),
      ...(wasRolledBack ? { rolledBack: { set: [], clear: [live] } } : {}),
    },
    ports.onProgress,
  )
  const unwritten = await completeJournal(input.store, ports)
  const told = await tell(input, decision, ports)
  return {
    ...result,
    notes: [...notes, ...applied.notes, ...unwritten, ...told],
    applied: true,
    changed: applied.changed,
  }
}

function stays(versions: readonly ModelVersion[]): PromoteResult['champion'] {
  const current = championOf(versions)
  if (current === null) return null
  const previous = versions.find((version) => version.aliases.includes('previous'))?.version ?? null
  return { version: current.version, f1: current.f1, previous }
}

async function decide(
  input: PromoteInput,
  versions: readonly ModelVersion[],
  ports: PromotePorts,
): Promise<Decision> {
  const { name, rules } = input.policy
  if (rules !== null) return decideByGate({ ...input, versions, name, rules }, ports)
  const plan = planByDocuments(versions, input.store.model, input.allow)
  return { plan, gate: null, evidence: null, look: null, challenger: undefined, notes: [] }
}

async function tell(input: PromoteInput, decision: Decision, ports: PromotePorts): Promise<string[]> {
  const { plan, look } = decision
  const { model } = input.store
  const live = plan.champion.version
  const moved = plan.moves.find((move) => move.version === live)
  if (live !== plan.holder) {
    const text = `${moved?.reason ?? ''} (by ${input.actor}, policy ${plan.policy})`
    return (await ports.notifier()).send(`${model}: version ${live} is live`, text)
  }
  if (look === null) return []
  const text = `${look.reason} (by ${input.actor}, policy ${plan.policy})`
  return (await ports.notifier()).send(`${model}: version ${look.version} was not promoted`, text)
}
