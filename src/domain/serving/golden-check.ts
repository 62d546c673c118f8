import type { KnownColumn } from './model-fit.js'
import type { FeatureValue, Scored } from './prediction.js'
import { inputColumns } from './value-check.js'

/** Rows whose answers are known from the training. */
export interface GoldenAnswers {
  columns: readonly string[]
  rows: readonly (readonly FeatureValue[])[]
  probabilities: readonly number[]
}

const TOLERANCE = 1e-9

/** The rows that a version is tried with before it may answer: stored ones, or one made up of blanks for a version that has none. */
export function trialRows(known: readonly KnownColumn[], golden: GoldenAnswers): FeatureValue[][] {
  const columns = inputColumns(known)
  const places = columns.map(({ name }) => golden.columns.indexOf(name))
  const rows = golden.rows.map((row) => places.map((place) => row[place] ?? null))
  if (rows.length > 0) return rows
  return [columns.map(({ kind, values }) => (kind === 'number' ? 1 : (values?.[0] ?? 'x')))]
}

/** Why an engine may not answer: what it says to trial rows is not what it should be; null when all is well. */
export function goldenComplaint(
  { rows, probabilities }: GoldenAnswers,
  answers: readonly Scored[],
): string | null {
  const asked = Math.max(rows.length, 1)
  if (answers.length !== asked) return `it gives ${answers.length} answers to ${asked} rows`
  if (!answers.every(isWhole)) return 'it gives answers that are no labels and probabilities'
  const differing = probabilities.filter((expected, at) => {
    const { probability = null } = answers[at] ?? {}
    return probability === null || Math.abs(probability - expected) > TOLERANCE
  })
  return differing.length === 0
    ? null
    : `it answers ${differing.length} of ${rows.length} stored rows otherwise than when it was trained`
}

function isWhole({ label, probability, threshold }: Scored): boolean {
  if (label !== 0 && label !== 1) return false
  if (probability === null || threshold === null) return true
  return probability >= 0 && probability <= 1 && (label === 1) === probability >= threshold
}
