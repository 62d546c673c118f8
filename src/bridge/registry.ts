import { z } from 'zod'
import { journalEntrySchema } from '../domain/registry/journal-entry.js'
import { STAGES } from '../domain/registry/stage.js'
import { knownColumnSchema } from '../domain/serving/model-fit.js'
import type { Registry } from '../usecases/ports/registry.js'
import { gateEvidence } from './comparer.js'
import type { CallPython } from './python-process.js'

const version = z.object({
  version: z.string(),
  runId: z.string().nullable(),
  stage: z.enum(STAGES),
  recordedStage: z.enum(STAGES).nullable(),
  aliases: z.array(z.string()),
  f1: z.number().nullable(),
  f1Low: z.number().nullable(),
  f1High: z.number().nullable(),
  f1Oof: z.number().nullable(),
  threshold: z.number().nullable(),
  createdAt: z.string(),
  parentRunId: z.string().nullable(),
  inLatestSearch: z.boolean(),
  dataSha256: z.string().nullable(),
  reason: z.string().nullable(),
  rolledBackAt: z.string().nullable(),
  duplicateOf: z.string().nullable(),
  unfinished: z.array(z.string()),
  looks: z.array(gateEvidence),
})

const entry = journalEntrySchema.extend({ evidence: gateEvidence.nullish() })

const applied = z.object({ changed: z.int(), journal: z.array(entry), notes: z.array(z.string()) })

/** MLflow's registry behind the bridge. */
export function createRegistry(call: CallPython): Registry {
  return {
    versions: (store, toAct = false) => call('registry.versions', { store, toAct }, z.array(version)),
    apply: (request, onProgress) => call('registry.apply', request, applied, { onProgress }),
    finish: async (request, onProgress) => {
      const shape = z.object({ finished: z.array(entry) })
      return (await call('registry.finish', request, shape, { onProgress })).finished
    },
    verify: async (request, onProgress) => {
      const shape = z.object({ folder: z.string().nullable(), notes: z.array(z.string()) })
      return call('registry.verify', request, shape, { onProgress })
    },
    columns: (store, version) => call('registry.columns', { store, version }, z.array(knownColumnSchema)),
    journal: (store) => call('registry.journal', { store }, z.array(entry)),
  }
}
