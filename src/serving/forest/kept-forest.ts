import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FOREST_FORMAT } from '../../contract/constants.js'
import { knownColumnSchema } from '../../domain/serving/model-fit.js'
import type { ProvenForest } from '../../usecases/ports/compiled-forest.js'
import { jsonOf, sha256Of } from './array-file.js'
import { CompiledForest } from './compiled-forest.js'
import { readForest } from './forest-file.js'
import { whyNotGolden } from './golden-rows.js'

/** The files of a kept forest that its proof names with their hashes; `forest.json` has the hash of `forest.bin`. */
export const PROVEN_FILES = ['forest.json', 'golden.json'] as const

const about = {
  format: z.literal(FOREST_FORMAT),
  packageVersion: z.string(),
  manifestSha256: z.string(),
}

/** `proof.json`: a proof or a refusal, bound to the version's files and to the release whose walk was compared. */
export const proofFile = z.union([
  z.object({
    ...about,
    rows: z.int().positive(),
    equal: z.int(),
    files: z.record(z.enum(PROVEN_FILES), z.string()),
    columns: z.array(knownColumnSchema),
  }),
  z.object({ ...about, reason: z.string() }),
])

export type ProofFile = z.output<typeof proofFile>

/** Reads what is kept in a folder; see `CompiledForests.kept`. */
export async function readKept(
  folder: string,
  manifestSha256: string,
  packageVersion: string,
): Promise<ProvenForest | { unfit: string } | null> {
  const text = await readFile(join(folder, 'proof.json')).catch(() => null)
  if (text === null) return null
  const read = proofFile.safeParse(jsonOf(text))
  if (!read.success) return { unfit: 'proof.json is damaged or of another release' }
  const proof = read.data
  if (proof.manifestSha256 !== manifestSha256) return { unfit: 'it is the proof of another version' }
  if (proof.packageVersion !== packageVersion) return { unfit: 'another release proved it' }
  if ('reason' in proof) return { reason: proof.reason }
  if (proof.equal !== proof.rows) return { unfit: 'its proof does not hold' }
  for (const name of PROVEN_FILES) {
    const content = await readFile(join(folder, name)).catch(() => null)
    if (content === null || sha256Of(content) !== proof.files[name]) return { unfit: `${name} was changed` }
  }
  const forest = await readForest(folder)
  if ('reason' in forest) return { unfit: forest.reason }
  if (forest.value.manifestSha256 !== manifestSha256) return { unfit: 'it is the forest of another version' }
  const engine = new CompiledForest(forest.value)
  const why = await whyNotGolden(folder, engine)
  if (why !== null) return { unfit: why }
  return { engine, proof: { rows: proof.rows, equal: proof.equal }, columns: proof.columns }
}
