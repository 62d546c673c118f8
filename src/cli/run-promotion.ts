import type { CheckedTable } from '../contract/table.js'
import type { PromoteResult } from '../usecases/registry/promote.js'
import type { CommandContext } from './command.js'

type Context = Pick<CommandContext, 'settings' | 'services' | 'progress'>

/** What a promotion is asked for besides the settings. */
export interface PromotionOptions {
  dryRun: boolean
  actor: string
  /** A table with fresh labelled rows, absolute path. */
  on?: string
  /** Versions that may go live again although they were rolled back. */
  allow?: readonly string[]
  /** `NAME@VERSION` of a version that may go live although loading it runs code. */
  allowPickle?: string | null
  /** Why a version may go live although it shows no skill. */
  allowNoSkill?: string | null
  /** True after confirmed drift: not worse is enough, on rows that the champion has never met. */
  afterDrift?: boolean
}

/** Runs a promotion by the policy of the settings. */
export async function runPromotion(context: Context, options: PromotionOptions): Promise<PromoteResult> {
  const { settings, services, progress } = context
  const { readPolicy } = await import('../config/read-policy.js')
  const { promote } = await import('../usecases/registry/promote.js')
  const policy = await readPolicy(settings.policy, settings.promotion)
  const rules =
    policy.rules !== null && options.afterDrift === true
      ? { ...policy.rules, gate: 'not-worse' as const }
      : policy.rules
  return promote(
    {
      store: { trackingUri: settings.trackingUri, model: settings.model },
      policy: { ...policy, rules },
      fresh: options.on === undefined ? null : await readFresh(context, options.on),
      allow: options.allow ?? [],
      allowPickle: options.allowPickle ?? null,
      allowNoSkill: options.allowNoSkill ?? null,
      dryRun: options.dryRun,
      actor: options.actor,
      waitSeconds: settings.waitSeconds,
    },
    {
      registry: await services.registry(),
      comparer: services.comparer,
      journal: await services.journal(),
      notifier: () => services.notifier(settings.notices),
      onProgress: progress,
    },
  )
}

/** Checks a table with fresh labelled rows. */
export async function readFresh(
  { settings, services, progress }: Context,
  path: string,
): Promise<CheckedTable> {
  const { dataSource } = await import('../domain/table/data-source.js')
  const { requireLabelled } = await import('../domain/table/labelled-table.js')
  const { openTable } = await import('../usecases/table/open-table.js')
  const { validateTable } = await import('../usecases/table/validate.js')
  const { schema } = settings
  const table = await openTable(
    { source: dataSource(path, null), schema },
    { exporter: services.tableExporter, onProgress: progress },
  )
  const validation = await validateTable(
    { ...table, schema, targetRequired: true },
    { quarantine: await services.quarantine(), onProgress: progress },
  )
  requireLabelled(validation, settings.maxInvalid)
  return { dataset: validation.dataset, invalidRecords: validation.invalidRecords, schema }
}
