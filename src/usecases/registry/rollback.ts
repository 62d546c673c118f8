import type { OnProgress } from '../../domain/progress.js'
import type { PromotionMove } from '../../domain/promotion/promotion-policy.js'
import { aliasedChampion, championOf } from '../../domain/registry/champion.js'
import { mergeEntries, rollbackTarget } from '../../domain/registry/champion-history.js'
import type { ModelVersion } from '../../domain/registry/model-version.js'
import type { StoreAddress } from '../../domain/store-address.js'
import { ChurnOpsError } from '../../errors.js'
import type { Comparer, Notifier } from '../ports/promotion.js'
import type { Journal, Registry } from '../ports/registry.js'
import { completeJournal } from './complete-journal.js'
import { finishInterruptedMoves, type VersionsAtRest } from './finish-interrupted-moves.js'

export interface RollbackInput {
  store: StoreAddress
  /** The version to go back to; null for the last that really was champion. */
  to: string | null
  /** Features of the schema. */
  columns: string[]
  /** `NAME@VERSION` of a version that may go live although loading it runs code; null for none. */
  allowPickle: string | null
  dryRun: boolean
  actor: string
  waitSeconds: number
}

export interface RollbackResult {
  /** The version that was live; null when there was none. */
  from: string | null
  to: string
  /** Stored answers that the version gave again; null when it was live already. */
  goldenRows: number | null
  applied: boolean
  notes: string[]
}

/**
 * Puts an earlier version back into production, after a check that it loads and answers as it did.
 *
 * @throws ChurnOpsError `NO_VERSIONS`, `NO_ROLLBACK_TARGET`, `VERSION_UNKNOWN`, `MODEL_INTEGRITY`, `SCHEMA_MISMATCH` or of
 * the store; the registry is then as it was.
 */
export async function rollback(
  input: RollbackInput,
  ports: {
    registry: Registry
    comparer: () => Promise<Comparer>
    journal: Journal
    notifier: () => Promise<Notifier>
    onProgress: OnProgress
  },
): Promise<RollbackResult> {
  const { store } = input
  const rest = await finishInterruptedMoves(input, ports)
  const { versions, notes } = rest
  const current = championOf(versions)
  const cutOff = finishedRollback(rest, current, input.to)
  if (cutOff !== null) return { ...cutOff, notes: [...notes, ...(await completeJournal(store, ports))] }
  const target = input.to ?? (await lastChampion(store, versions, current, ports))
  const chosen = versions.find(({ version }) => version === target)
  if (chosen === undefined) throw unknown(store.model, target)
  const from = current?.version ?? null
  const found = { from, to: target, goldenRows: null, applied: false, notes }
  if (from === target)
    return { ...found, notes: [...notes, `Version ${target} is already in production; nothing was changed.`] }

  if (chosen.duplicateOf !== null) throw isDouble(chosen)
  const { allowPickle } = input
  const checked = await (await ports.comparer()).check(
    { store, version: target, columns: input.columns, allowPickle },
    ports.onProgress,
  )
  const { goldenRows } = checked
  const known = { ...found, goldenRows, notes: [...notes, ...checked.notes] }
  if (input.dryRun) return known
  const reason = from === null ? 'put back into production' : `rolled back from version ${from}`
  await ports.registry.apply(
    {
      store,
      action: 'rollback',
      moves: movesOf(chosen, current, versions, reason),
      champion: target,
      previous: from,
      holder: aliasedChampion(versions)?.version ?? null,
      policy: 'rollback',
      actor: input.actor,
      waitSeconds: input.waitSeconds,
      allowPickle,
      ...(chosen.aliases.includes('challenger') ? { challenger: null } : {}),
      rolledBack: { set: from === null ? [] : [from], clear: [target] },
    },
    ports.onProgress,
  )
  const unwritten = await completeJournal(store, ports)
  const told = await (await ports.notifier()).send(
    `${store.model}: version ${target} is live`,
    `${reason} (by ${input.actor})`,
  )
  return { ...known, applied: true, notes: [...known.notes, ...unwritten, ...told] }
}

/** A rollback that was interrupted after its version went live is what was asked for: no further step back. */
function finishedRollback(
  { finished }: VersionsAtRest,
  current: ModelVersion | null,
  to: string | null,
): Omit<RollbackResult, 'notes'> | null {
  const done = finished.find(
    ({ action, version, state }) => action === 'rollback' && state === 'done' && version === current?.version,
  )
  if (done === undefined || (to !== null && to !== done.version)) return null
  return { from: done.previous, to: done.version, goldenRows: null, applied: true }
}

async function lastChampion(
  store: StoreAddress,
  versions: readonly ModelVersion[],
  current: ModelVersion | null,
  ports: { registry: Registry; journal: Journal },
): Promise<string> {
  const written = (await ports.journal.read()).entries
  const entries = mergeEntries(
    written.filter(({ model }) => model === undefined || model === store.model),
    await ports.registry.journal(store),
  )
  const target = rollbackTarget(entries, versions, current?.version ?? null)
  if (target !== null) return target
  throw new ChurnOpsError(versions.length === 0 ? 'NO_VERSIONS' : 'NO_ROLLBACK_TARGET', {
    message:
      versions.length === 0
        ? `The registry has no version of ${store.model}; nothing was moved.`
        : `No earlier champion of ${store.model} is left that was not itself rolled back; nothing was moved.`,
    hint:
      versions.length === 0
        ? 'Run `churn-ops train` first.'
        : 'Choose a version from `churn-ops models` and run `churn-ops rollback --to VERSION`.',
    details: { model: store.model, champion: current?.version ?? null },
  })
}

function movesOf(
  target: ModelVersion,
  current: ModelVersion | null,
  versions: readonly ModelVersion[],
  reason: string,
): PromotionMove[] {
  const facts = ({ version, stage, f1 }: ModelVersion): Omit<PromotionMove, 'to' | 'reason'> => ({
    version,
    from: stage,
    f1,
    rankedBy: 'history',
    rank: null,
  })
  const leaves = versions.filter(
    (each) => each !== target && (each.stage === 'Production' || each === current),
  )
  return [
    { ...facts(target), to: 'Production', reason },
    ...leaves.map((each) => ({
      ...facts(each),
      to: 'Archived' as const,
      reason:
        each === current
          ? `rolled back to version ${target.version}`
          : `version ${target.version} is in production`,
    })),
  ]
}

function isDouble({ version, duplicateOf }: ModelVersion): ChurnOpsError {
  return new ChurnOpsError('NO_ROLLBACK_TARGET', {
    message: `Version ${version} is a duplicate of version ${duplicateOf} and never goes live; nothing was moved.`,
    hint: `Use the original: \`churn-ops rollback --to ${duplicateOf}\`.`,
    details: { version, duplicateOf },
  })
}

function unknown(model: string, version: string): ChurnOpsError {
  return new ChurnOpsError('VERSION_UNKNOWN', {
    message: `The registry has no version ${version} of ${model}; nothing was moved.`,
    hint: 'Run `churn-ops models` to list its versions.',
    details: { model, version },
  })
}
