import { ChurnOpsError } from '../../errors.js'
import type { ProvenForest } from '../ports/compiled-forest.js'
import type { EngineChoice } from '../ports/front.js'
import { type PrepareForestRequest, type PrepareForestServices, prepareForest } from './prepare-forest.js'

/** Errors of this machine's disk: they cost the compiled forest, which has to be kept, and not the answers. */
const OF_THE_DISK = ['DISK_FULL', 'NOT_WRITABLE']

/**
 * Gives the proven forest of a version, or why MLflow is to answer for it; a null reason is the user's own choice.
 *
 * @throws ChurnOpsError `ENGINE_UNAVAILABLE` when nothing but the forest was wanted and there is none, or what preparing throws.
 */
export async function chooseEngine(
  {
    store,
    version,
    choice,
    allowPickle,
  }: Omit<PrepareForestRequest, 'forced'> & { choice: EngineChoice; allowPickle: string | null },
  services: PrepareForestServices,
): Promise<Exclude<ProvenForest, { reason: string }> | { reason: string | null }> {
  if (choice === 'mlflow') return { reason: null }
  const forced = choice === 'compiled'
  if (!forced && allowPickle === `${store.model}@${version.version}`)
    return { reason: '--allow-pickle names it, and only MLflow loads a pickle' }
  try {
    return await prepareForest({ store, version, forced }, services)
  } catch (error) {
    const reason = forced ? null : reasonOfDisk(error)
    if (reason === null) throw error
    return { reason: `its compiled forest cannot be kept (${reason})` }
  }
}

function reasonOfDisk(error: unknown): string | null {
  if (error instanceof ChurnOpsError) return OF_THE_DISK.includes(error.code) ? error.message : null
  return error instanceof Error && 'syscall' in error ? error.message : null
}
