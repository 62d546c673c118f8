import { aliasedChampion } from './champion.js'
import { rollbackTarget } from './champion-history.js'
import type { JournalEntry } from './journal-entry.js'
import type { ModelVersion } from './model-version.js'

/** What pruning knows of a version besides its place in the registry. */
export interface VersionFacts {
  version: string
  /** Whether churn-ops made it. */
  made: boolean
  /** Run of the search that made it. */
  search: string | null
  /** Kind and seed of its split: later trainings with the same take the sides of known customers from the newest. Null for
   * a split by time, which has no sides to take over. */
  split: string | null
  /** Size of its model and of its run's files. */
  bytes: number
  /** Another registered version that uses the same files. */
  usedBy: string | null
  /** Process on this machine that serves it. */
  servedBy: number | null
  /** True when its training runs now, or may run on a machine that cannot be asked. */
  busy: boolean
}

/** Files of a candidate that no version uses. */
export interface OrphanedModel {
  id: string
  /** MLflow's status of its run, `gone` for a run that is deleted. */
  status: string
  /** True when its files are complete: the same training again would register it. */
  whole: boolean
  /** True when an earlier pruning was interrupted in the middle of it. */
  pruned: boolean
  busy: boolean
  ageDays: number
  bytes: number
}

/** The run of a search with the rows of its training. */
export interface SearchRun {
  id: string
  /** The versions of any model that it made, as `NAME NUMBER`. */
  versions: string[]
  /** True when a finished candidate of it has no version yet. */
  waiting: boolean
  /** True for the search that ran last: promoting reads from it which versions it had. */
  latest: boolean
  pruned: boolean
  busy: boolean
  ageDays: number
  bytes: number
}

/** Unfinished work of a training, outside the store. */
export interface WorkFolder {
  id: string
  busy: boolean
  ageDays: number
  bytes: number
}

/** Everything that pruning looks at. */
export interface Inventory {
  versions: VersionFacts[]
  models: OrphanedModel[]
  searches: SearchRun[]
  folders: WorkFolder[]
}

export interface PruneRules {
  /** How many of the newest trainings keep all their versions. */
  keep: number
  /** Versions younger than this stay; null for no such limit. */
  olderThanDays: number | null
}

/** What happens to one version, and why. */
export interface PruneItem {
  version: string
  action: 'keep' | 'delete'
  reason: string
  bytes: number
}

/** A file or run without a version that goes. */
export interface PruneLeftover {
  kind: 'model' | 'search' | 'folder'
  id: string
  reason: string
  bytes: number
}

export interface PrunePlan {
  plan: PruneItem[]
  leftovers: PruneLeftover[]
  /** Bytes of all that goes. */
  freedBytes: number
}

/** Work that somebody may still resume stays for a day. */
const GRACE_DAYS = 1
const DAY_MS = 86_400_000

/** Decides which versions and leftovers of a model go; everything that is live, was live or is needed stays. */
export function planPrune(input: {
  model: string
  versions: readonly ModelVersion[]
  entries: readonly JournalEntry[]
  inventory: Inventory
  rules: PruneRules
  now: Date
}): PrunePlan {
  const { inventory } = input
  const facts = new Map(inventory.versions.map((each) => [each.version, each]))
  const protect = protections(input, facts)
  const plan = input.versions.map((version): PruneItem => {
    const kept = protect(version)
    const known = facts.get(version.version)
    const action = kept === null ? 'delete' : 'keep'
    const old = isDouble(version, input.versions)
      ? `it is a duplicate of version ${version.duplicateOf}`
      : `its training is not one of the newest ${input.rules.keep}`
    // The files of a double may be those of its original, which keeps them.
    const bytes = known === undefined || (kept === null && known.usedBy !== null) ? 0 : known.bytes
    return { version: version.version, action, reason: kept ?? old, bytes }
  })
  const deleted = new Set(
    plan.filter(({ action }) => action === 'delete').map(({ version }) => `${input.model} ${version}`),
  )
  const leftovers = [
    ...inventory.models.flatMap(modelThatGoes),
    ...inventory.searches.flatMap((search) => searchThatGoes(search, deleted)),
    ...inventory.folders.flatMap(folderThatGoes),
  ]
  const gone = [...plan.filter(({ action }) => action === 'delete'), ...leftovers]
  return { plan, leftovers, freedBytes: gone.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function protections(
  {
    versions,
    entries,
    rules,
    now,
  }: {
    versions: readonly ModelVersion[]
    entries: readonly JournalEntry[]
    rules: PruneRules
    now: Date
  },
  facts: ReadonlyMap<string, VersionFacts>,
): (version: ModelVersion) => string | null {
  const champion = aliasedChampion(versions)?.version ?? null
  const wayBack = rollbackTarget(entries, versions, champion)
  const originals = versions.filter((version) => !isDouble(version, versions))
  const newestFirst = originals.sort((a, b) => Number(b.version) - Number(a.version))
  const made = newestFirst.flatMap(({ version }) => facts.get(version) ?? []).filter((each) => each.made)
  const searches = new Set([...new Set(made.map(({ search }) => search))].slice(0, rules.keep))
  const newestOfSplit = new Map<string, string>()
  for (const { split, version } of made)
    if (split !== null && !newestOfSplit.has(split)) newestOfSplit.set(split, version)
  return (each) => {
    const { version, aliases, stage, unfinished, createdAt } = each
    const known = facts.get(version)
    if (aliases.length > 0) return `it has the alias ${aliases[0]}`
    if (stage === 'Production' || stage === 'Staging') return `it is in stage ${stage}`
    if (version === wayBack) return 'a rollback would go back to it'
    if (unfinished.length > 0) return 'a move of it was interrupted: run `churn-ops doctor --fix`'
    if (known === undefined || !known.made) return 'it was not made by churn-ops'
    if (known.servedBy !== null) return `process ${known.servedBy} serves it`
    if (known.busy) return 'its training is running'
    // A double never goes live and no training builds on it.
    if (!isDouble(each, versions)) {
      if (known.usedBy !== null) return `${known.usedBy} uses its files`
      if (each.inLatestSearch) return 'it belongs to the latest search'
      if (searches.has(known.search)) return `its training is one of the newest ${rules.keep}`
      if (known.split !== null && newestOfSplit.get(known.split) === version)
        return 'later trainings with its split seed read from it which side known customers are on'
    }
    const days = (now.getTime() - Date.parse(createdAt)) / DAY_MS
    if (rules.olderThanDays !== null && days < rules.olderThanDays)
      return `it is younger than ${rules.olderThanDays} days`
    return null
  }
}

function isDouble({ duplicateOf }: ModelVersion, versions: readonly ModelVersion[]): boolean {
  return duplicateOf !== null && versions.some(({ version }) => version === duplicateOf)
}

function modelThatGoes(model: OrphanedModel): PruneLeftover[] {
  const { id, bytes } = model
  if (model.busy) return []
  if (model.pruned) return [{ kind: 'model', id, bytes, reason: 'an earlier pruning of it was interrupted' }]
  if (!model.whole && model.status !== 'gone')
    return [{ kind: 'model', id, bytes, reason: 'its training was killed before it was complete' }]
  if (model.ageDays < GRACE_DAYS) return []
  return [{ kind: 'model', id, bytes, reason: 'it has had no version for a day' }]
}

function searchThatGoes(search: SearchRun, deleted: ReadonlySet<string>): PruneLeftover[] {
  const { id, bytes } = search
  const needed = search.versions.some((version) => !deleted.has(version))
  if (search.busy || search.latest || needed) return []
  if (search.versions.length > 0 || search.pruned)
    return search.waiting ? [] : [{ kind: 'search', id, bytes, reason: 'no version needs its rows any more' }]
  if (search.ageDays < GRACE_DAYS) return []
  return [{ kind: 'search', id, bytes, reason: 'it has had no version for a day' }]
}

function folderThatGoes({ id, bytes, busy, ageDays }: WorkFolder): PruneLeftover[] {
  if (busy || ageDays < GRACE_DAYS) return []
  return [{ kind: 'folder', id, bytes, reason: 'unfinished work that was not resumed for a day' }]
}
