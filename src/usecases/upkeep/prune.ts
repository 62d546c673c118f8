import type { OnProgress } from '../../domain/progress.js'
import { mergeEntries } from '../../domain/registry/champion-history.js'
import { type PrunePlan, type PruneRules, planPrune } from '../../domain/registry/prune-plan.js'
import type { StoreAddress } from '../../domain/store-address.js'
import { ChurnOpsError } from '../../errors.js'
import type { Pruner } from '../ports/recovery.js'
import type { Journal, Registry } from '../ports/registry.js'
import { missingIn } from '../registry/history.js'

export interface PruneInput {
  store: StoreAddress
  rules: PruneRules
  dryRun: boolean
  waitSeconds: number
  /** Asks whether the plan may be carried out. */
  confirm: (plan: PrunePlan) => Promise<boolean>
}

export interface PruneResult extends PrunePlan {
  /** Versions that were deleted. */
  deleted: string[]
  /** What was left alone after all, as sentences. */
  skipped: string[]
  applied: boolean
}

/**
 * Deletes old versions with their files, and what cut-off trainings and prunings left.
 *
 * @throws ChurnOpsError `NO_VERSIONS`, `BUSY` or of the store.
 */
export async function prune(
  input: PruneInput,
  ports: { registry: Registry; journal: Journal; pruner: Pruner; onProgress: OnProgress; now: Date },
): Promise<PruneResult> {
  const { store } = input
  const versions = await ports.registry.versions(store, true)
  const { entries } = await ports.journal.read()
  const written = entries.filter(({ model }) => model === undefined || model === store.model)
  const tagged = await ports.registry.journal(store)
  const inventory = await ports.pruner.inventory(store, ports.onProgress)
  if (versions.length === 0 && inventory.models.length === 0 && inventory.searches.length === 0)
    throw noVersions(store.model)
  const plan = planPrune({
    model: store.model,
    versions,
    entries: mergeEntries(written, tagged),
    inventory,
    rules: input.rules,
    now: ports.now,
  })
  const gone = plan.plan.filter(({ action }) => action === 'delete').map(({ version }) => version)
  const untouched = { ...plan, deleted: [], skipped: [], applied: false }
  const isEmpty = gone.length === 0 && plan.leftovers.length === 0
  if (input.dryRun || isEmpty || !(await input.confirm(plan))) return untouched
  // The tags of a version go with it: its moves live on in the journal file alone.
  await ports.journal.append(missingIn(written, tagged))
  const ids = (kind: string): string[] =>
    plan.leftovers.flatMap((each) => (each.kind === kind ? each.id : []))
  const done = await ports.pruner.apply(
    {
      store,
      versions: gone,
      models: ids('model'),
      searches: ids('search'),
      folders: ids('folder'),
      waitSeconds: input.waitSeconds,
    },
    ports.onProgress,
  )
  return { ...plan, ...done, applied: true }
}

function noVersions(model: string): ChurnOpsError {
  return new ChurnOpsError('NO_VERSIONS', {
    message: `The registry has no version of ${model}; there is nothing to prune.`,
    hint: 'Run `churn-ops train` first, or name another model with --model.',
    details: { model },
  })
}
