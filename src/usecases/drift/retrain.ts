import type { RetrainingRequest } from '../../contract/drift.js'
import type { RetrainDecision } from '../../domain/drift/retrain-policy.js'
import type { ModelFit } from '../../domain/serving/model-fit.js'
import type { DriftDetector, OfWindow } from '../ports/drift.js'

/** What monitoring reads of a training. */
export interface RetrainedCandidates {
  candidates: readonly { version: string; reused: boolean }[]
}

/** What monitoring reads of a promotion. */
export interface RetrainedChampion {
  champion: { version: string; f1: number | null } | null
  /** The comparison that decided; null or absent when there was none. */
  gate?: { reason: string } | null
  /** Why the version that would have gone live was refused by itself. */
  refusal?: { reason: string } | null
}

/** What a retraining came to. */
export interface Retrained {
  /** The table that was learned from. */
  path: string
  rows: number
  newRows: number
  /** Versions that were made. */
  versions: string[]
  /** The version in production now. */
  champion: { version: string; f1: number | null } | null
  /** True when a new version went live. */
  live: boolean
}

/** What of a monitoring run a retraining follows from and adds to. */
interface Judged {
  version: string
  decision: RetrainDecision
  retrained: Retrained | null
}

interface RetrainServices {
  detector: Pick<DriftDetector, 'retrainingTable'>
  train(path: string): Promise<RetrainedCandidates>
  promote(): Promise<RetrainedChampion>
}

const NOT_ASKED =
  'Nothing was trained: --retrain would train on the reference plus this window, then promote.'

/** Retrains when monitoring has decided so, somebody asked for it and the version's own rows have every column. */
export async function followUp<Found extends Judged>(
  found: Found,
  { table, fit, asked }: { table: OfWindow<RetrainingRequest>; fit: ModelFit; asked: boolean },
  services: RetrainServices,
): Promise<Found> {
  if (!found.decision.retrain) return found
  if (!asked) return { ...found, decision: because(found.decision, NOT_ASKED) }
  if (fit.unstored.length > 0) {
    const reason = `Nothing was trained: the training rows of version ${found.version} do not have ${fit.unstored.join(', ')}. Train on a table that has it: \`churn-ops train --data FILE\`.`
    return { ...found, decision: because({ ...found.decision, retrain: false }, reason) }
  }
  return retrain(found, table, services)
}

async function retrain<Found extends Judged>(
  found: Found,
  asked: OfWindow<RetrainingRequest>,
  { detector, train, promote }: RetrainServices,
): Promise<Found> {
  const table = await detector.retrainingTable(asked)
  const { candidates } = await train(table.path)
  if (candidates.every((candidate) => candidate.reused)) {
    const reason = 'The same rows were already used for training; every candidate exists.'
    return { ...found, decision: because({ ...found.decision, retrain: false }, reason) }
  }
  const { champion, gate, refusal } = await promote()
  const versions = candidates.map((candidate) => candidate.version)
  const live = champion !== null && champion.version !== found.version && versions.includes(champion.version)
  const outcome = live
    ? `Version ${champion.version} of the retraining is now live.`
    : `No version of the retraining went live, version ${champion?.version ?? found.version} stays: ${refusal?.reason ?? gate?.reason ?? 'none is better'}.`
  return {
    ...found,
    decision: because(found.decision, outcome),
    retrained: { ...table, versions, champion, live },
  }
}

function because(decision: RetrainDecision, reason: string): RetrainDecision {
  return { ...decision, reasons: [...decision.reasons, reason] }
}
