import type { ModelVersion } from '../../src/domain/registry/model-version.js'

/** A version with the given facts; everything else is as training leaves it. */
export function version(number: number, facts: Partial<ModelVersion> = {}): ModelVersion {
  return {
    version: String(number),
    runId: `run-${number}`,
    stage: 'None',
    recordedStage: null,
    aliases: [],
    f1: 0.6,
    f1Low: null,
    f1High: null,
    f1Oof: null,
    threshold: 0.3,
    createdAt: '2026-01-01T00:00:00Z',
    parentRunId: 'search',
    inLatestSearch: true,
    dataSha256: null,
    manifestSha256: null,
    reason: null,
    rolledBackAt: null,
    duplicateOf: null,
    unfinished: [],
    looks: [],
    ...facts,
  }
}
