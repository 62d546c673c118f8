import { type PromotionMove, planByDocuments } from '../domain/promotion-policy.js'
import { ChurnOpsError } from '../errors.js'
import type { Journal, OnProgress, Registry, StoreAddress } from './ports.js'

export interface PromoteInput {
  store: StoreAddress
  policy: string
  dryRun: boolean
  actor: string
  waitSeconds: number
}

export interface PromoteResult {
  policy: string
  plan: PromotionMove[]
  champion: { version: string; f1: number | null; previous: string | null }
  /** The comparison with the champion; null under a policy without one. */
  gate: null
  /** False after a dry run. */
  applied: boolean
  /** Versions that were written to; 0 when everything was in place. */
  changed: number
}

/**
 * Plans the stages of every version by a policy and, unless it is a dry run, carries the plan out.
 *
 * @throws ChurnOpsError `POLICY_INVALID`, `NO_VERSIONS`, `NO_MEASURED_VERSION`, or of the store.
 */
export async function promote(
  input: PromoteInput,
  ports: { registry: Registry; journal: Journal; onProgress: OnProgress },
): Promise<PromoteResult> {
  if (input.policy !== 'documents') throw unknownPolicy(input.policy)
  const versions = await ports.registry.versions(input.store)
  const plan = planByDocuments(versions, input.store.model)
  const result = { policy: plan.policy, plan: plan.moves, champion: plan.champion, gate: null }
  if (input.dryRun) return { ...result, applied: false, changed: 0 }
  const { changed, journal } = await ports.registry.apply(
    {
      store: input.store,
      action: 'promote',
      moves: plan.moves,
      champion: plan.champion.version,
      previous: plan.champion.previous,
      holder: plan.holder,
      policy: plan.policy,
      actor: input.actor,
      waitSeconds: input.waitSeconds,
    },
    ports.onProgress,
  )
  await ports.journal.append(journal)
  return { ...result, applied: true, changed }
}

function unknownPolicy(policy: string): ChurnOpsError {
  return new ChurnOpsError('POLICY_INVALID', {
    message: `There is no policy ${policy}; nothing was moved.`,
    hint: 'Run `churn-ops promote --policy documents`.',
    details: { policy, known: ['documents'] },
  })
}
