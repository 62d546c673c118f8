import type { OnProgress } from '../../domain/progress.js'
import type { ForestProof } from '../../usecases/ports/compiled-forest.js'
import type { CompiledForest } from './compiled-forest.js'
import type { ProofRows } from './proof-rows.js'

const ROWS_AT_ONCE = 8_192

/** Compares a forest's probabilities with scikit-learn's bit by bit, and its labels. */
export function prove(compiled: CompiledForest, rows: ProofRows, onProgress: OnProgress): ForestProof {
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
