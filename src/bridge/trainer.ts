import { z } from 'zod'
import { ESTIMATOR_NAMES } from '../domain/search/estimator-name.js'
import { SPLIT_KINDS } from '../domain/search/split.js'
import type { Trainer } from '../usecases/ports/training.js'
import type { CallPython } from './python-process.js'

const value = z.union([z.number(), z.string(), z.boolean(), z.null()])

const candidate = z.object({
  version: z.string(),
  runId: z.string(),
  name: z.string(),
  estimator: z.enum(ESTIMATOR_NAMES),
  params: z.record(z.string(), value),
  threshold: z.number(),
  metrics: z.record(z.string(), z.number().nullable()),
  reused: z.boolean(),
})

const failed = z.object({
  name: z.string(),
  estimator: z.enum(ESTIMATOR_NAMES),
  params: z.record(z.string(), value),
  reason: z.string(),
  runId: z.string(),
})

const outcome = z.object({
  split: z.object({
    trainRows: z.int(),
    testRows: z.int(),
    trainCustomers: z.int(),
    testCustomers: z.int(),
    joinedIds: z.int(),
    splitSeed: z.int(),
    kind: z.enum(SPLIT_KINDS),
    knownCustomers: z.int(),
    trainFrom: z.string().optional(),
    trainUntil: z.string().optional(),
    testFrom: z.string().optional(),
    testUntil: z.string().optional(),
    leftOut: z.object({ rows: z.int(), customers: z.int() }).optional(),
  }),
  candidates: z.array(candidate).min(1),
  failed: z.array(failed),
  parentRunId: z.string(),
  experimentId: z.string(),
  phases: z.record(z.string(), z.number()),
  warnings: z.array(z.string()),
})

/** Training in Python behind the bridge. */
export function createTrainer(call: CallPython): Trainer {
  let answers: Promise<unknown> = Promise.resolve()
  return {
    warm({ store, experiment, artifacts }) {
      // The imports take longer than a user should wait to hear that there is no store.
      answers = call('store.reachable', { store, experiment, artifacts }, z.object({}))
      // A failure shows in the call that follows; nobody waits for this one.
      answers.then(() => call('training.warm', {}, z.unknown())).catch(() => undefined)
    },
    async check(request) {
      await call('training.check', request, z.object({}))
    },
    async train(request, onProgress) {
      await answers
      return call('train', request, outcome, { onProgress })
    },
  }
}
