import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FOREST_FORMAT } from '../../contract/constants.js'
import type { OnProgress } from '../../domain/progress.js'
import type { KnownColumn } from '../../domain/serving/model-fit.js'
import type { ForestDraft, ProvenForest } from '../../usecases/ports/compiled-forest.js'
import { sha256Of } from './array-file.js'
import { PROVEN_FILES, type ProofFile } from './kept-forest.js'
import { proofOfFolder } from './prove.js'

/** Makes the draft of a forest whose files Python has written, or will write, to `folder`; it is kept as `target`. */
export function createDraft(
  folder: string,
  target: string,
  about: { manifestSha256: string; packageVersion: string },
): ForestDraft {
  const keep = async (proof: ProofFile): Promise<void> => {
    // They hold customers' rows, and have done their work.
    for (const name of ['rows.json', 'rows.bin']) await rm(join(folder, name), { force: true })
    await writeSynced(join(folder, 'proof.json'), JSON.stringify(proof))
    await rm(target, { recursive: true, force: true })
    await rename(folder, target)
  }
  const refuse = async (reason: string): Promise<void> => {
    for (const name of ['forest.json', 'forest.bin', 'golden.json'])
      await rm(join(folder, name), { force: true })
    await keep({ format: FOREST_FORMAT, ...about, reason })
  }
  return {
    folder,
    async prove(columns, onProgress) {
      const proven = await compared(folder, columns, onProgress)
      if ('reason' in proven) {
        await refuse(proven.reason)
        return proven
      }
      const hashes = await Promise.all(PROVEN_FILES.map(async (name) => [name, await hashOf(folder, name)]))
      const files = Object.fromEntries(hashes) as Record<(typeof PROVEN_FILES)[number], string>
      await keep({ format: FOREST_FORMAT, ...about, ...proven.proof, files, columns })
      return proven
    },
    refuse,
    discard: () => rm(folder, { recursive: true, force: true }),
  }
}

async function compared(
  folder: string,
  columns: KnownColumn[],
  onProgress: OnProgress,
): Promise<ProvenForest> {
  const proven = await proofOfFolder(folder, onProgress)
  if ('reason' in proven) return proven
  const { engine, rows, equal } = proven
  if (equal !== rows) return { reason: `${rows - equal} of ${rows} answers differ from scikit-learn's` }
  const taken = columns.filter(({ sensitive }) => !sensitive).map(({ name }) => name)
  const names = engine.forest.columns.map(({ name }) => name)
  // An engine takes values by their order alone.
  if (JSON.stringify(taken) !== JSON.stringify(names))
    return { reason: 'its columns are not those of its training' }
  return { engine, proof: { rows, equal }, columns }
}

async function hashOf(folder: string, name: string): Promise<string> {
  return sha256Of(await readFile(join(folder, name)))
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}
