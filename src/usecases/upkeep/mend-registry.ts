import type { OnProgress } from '../../domain/progress.js'
import { aliasedChampion } from '../../domain/registry/champion.js'
import { mergeEntries } from '../../domain/registry/champion-history.js'
import { type Disagreements, findDisagreements } from '../../domain/registry/registry-state.js'
import type { StoreAddress } from '../../domain/store-address.js'
import type { Journal, Registry } from '../ports/registry.js'
import { missingIn } from '../registry/history.js'

/** What is wrong with the registry of a model and its journal. */
export interface RegistryState extends Disagreements {
  holder: string | null
}

type Ports = { registry: Registry; journal: Journal }

/** Looks for disagreement between alias, stages, tags and journal file; changes nothing. */
export async function inspectRegistry(store: StoreAddress, ports: Ports): Promise<RegistryState> {
  const versions = await ports.registry.versions(store)
  const { written, tagged } = await bothJournals(store, ports)
  const found = findDisagreements(versions, mergeEntries(written, tagged))
  const missing = missingIn(written, tagged).length
  const problems =
    missing === 0 ? found.problems : [...found.problems, `${missing} moves are missing in the journal file`]
  const holder = aliasedChampion(versions)?.version ?? null
  return { ...found, problems, holder }
}

/** Puts alias, stages and tags in step and completes the journal file from the tags; returns what was repaired. */
export async function mendRegistry(
  store: StoreAddress,
  options: { actor: string; waitSeconds: number },
  ports: Ports & { onProgress: OnProgress },
): Promise<string[]> {
  const state = await inspectRegistry(store, ports)
  if (state.problems.length === 0) return []
  const { champion, holder, previous, moves } = state
  await ports.registry.apply(
    {
      store,
      action: 'mend',
      moves,
      champion,
      previous: previous === champion ? null : previous,
      holder,
      policy: 'doctor',
      ...options,
    },
    ports.onProgress,
  )
  const { written, tagged } = await bothJournals(store, ports)
  await ports.journal.append(missingIn(written, tagged))
  const { problems } = await inspectRegistry(store, ports)
  return state.problems.filter((problem) => !problems.includes(problem))
}

async function bothJournals(store: StoreAddress, ports: Ports) {
  const { entries } = await ports.journal.read()
  const written = entries.filter(({ model }) => model === undefined || model === store.model)
  return { written, tagged: await ports.registry.journal(store) }
}
