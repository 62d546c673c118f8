import type { ModelVersion } from '../registry/model-version.js'
import type { GateEvidence } from './gate.js'

/** From this evaluation on, the rows have been asked too often for their answer to be taken at its word. */
export const TOO_MANY_EVALUATIONS = 6

/** How often a set of rows has been asked by the gate, this evaluation included. */
export function countEvaluations(versions: readonly ModelVersion[], look: GateEvidence): number {
  const pairs = versions
    .flatMap((version) => version.looks)
    .filter((evidence) => evidence.rowsSha256 === look.rowsSha256)
    .map(pairOf)
  return new Set([...pairs, pairOf(look)]).size
}

/** True when the very same evaluation is in the challenger's tags already. */
export function isRecorded(versions: readonly ModelVersion[], look: GateEvidence): boolean {
  const challenger = versions.find((version) => version.version === look.challenger.version)
  return (challenger?.looks ?? []).some(
    (evidence) =>
      evidence.rowsSha256 === look.rowsSha256 &&
      pairOf(evidence) === pairOf(look) &&
      evidence.gate === look.gate &&
      evidence.metric === look.metric &&
      evidence.margin === look.margin &&
      evidence.outcome === look.outcome,
  )
}

function pairOf(evidence: GateEvidence): string {
  return `${evidence.champion.version} ${evidence.challenger.version}`
}
