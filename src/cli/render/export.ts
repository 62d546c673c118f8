import type { ExportedForest } from '../../usecases/serving/export-forest.js'

/** What was written, and how to use it. */
export function renderExport({ version, path, types, bytes, proof }: ExportedForest): string {
  return [
    `Version ${version} is ${path} (${(bytes / 1e6).toFixed(1)} MB), with its types in ${types}.`,
    `${proof.equal.toLocaleString('en')} of ${proof.rows.toLocaleString('en')} answers are those of scikit-learn to the last bit.`,
    `Use it: import { score } from '${path}'`,
  ].join('\n')
}
