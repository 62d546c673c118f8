import type { OnProgress } from '../../domain/progress.js'
import type { ForestProof } from '../../usecases/ports/compiled-forest.js'
import { CompiledForest } from './compiled-forest.js'
import { readForest } from './forest-file.js'
import { whyNotGolden } from './golden-rows.js'
import { type ProofRows, readProofRows } from './proof-rows.js'

const ROWS_AT_ONCE = 8_192

/** Reads a compiled forest and compares it with scikit-learn on all rows beside it; a reason when its files are no such. */
export async function proofOfFolder(
  folder: string,
  onProgress: OnProgress = () => undefined,
): Promise<(ForestProof & { engine: CompiledForest }) | { reason: string }> {
  const forest = await readForest(folder)
  if ('reason' in forest) return forest
  const rows = await readProofRows(folder)
  if ('reason' in rows) return rows
  const engine = new CompiledForest(forest.value)
  const width = rows.value.columns
  if (width !== forest.value.columns.length) return { reason: `its rows have ${width} columns` }
  const proof = prove(engine, rows.value, onProgress)
  const why = proof.equal === proof.rows ? await whyNotGolden(folder, engine) : null
  return why === null ? { ...proof, engine } : { reason: why }
}

/** Compares a forest's probabilities with scikit-learn's bit by bit, and its labels. */
function prove(compiled: CompiledForest, rows: ProofRows, onProgress: OnProgress): ForestProof {
  const { threshold } = compiled.forest
  let equal = 0
  for (let start = 0; start < rows.count; start += ROWS_AT_ONCE) {
    const end = Math.min(start + ROWS_AT_ONCE, rows.count)
    const answered = new Float64Array(end - start)
    compiled.probabilities(rows.slice(start, end), answered)
    const [ours, theirs] = [bitsOf(answered), bitsOf(rows.probabilities.slice(start, end))]
    for (let row = 0; row < answered.length; row++) {
      const label = (answered[row] as number) >= threshold ? 1 : 0
      if (ours[row] === theirs[row] && label === rows.labels[start + row]) equal += 1
    }
    onProgress({ phase: 'prove', done: end, total: rows.count, text: 'the walk against scikit-learn' })
  }
  return { rows: rows.count, equal }
}

function bitsOf(numbers: Float64Array): BigUint64Array {
  return new BigUint64Array(numbers.buffer, numbers.byteOffset, numbers.length)
}
