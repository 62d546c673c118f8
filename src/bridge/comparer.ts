import { z } from 'zod'
import type { Comparer } from '../usecases/ports/promotion.js'
import type { CallPython } from './python-process.js'

const interval = z.tuple([z.number(), z.number()])

const comparison = z.object({
  baseline: z.number(),
  candidate: z.number(),
  difference: z.number(),
  low: z.number(),
  interval,
  standardError: z.number(),
})

const problem = z.object({ problem: z.string() })

const compared = z.union([
  problem,
  z.object({
    rows: z.int(),
    churners: z.int(),
    customers: z.int(),
    churnedCustomers: z.int(),
    dropped: z.int(),
    rowsSha256: z.string(),
    comparison: comparison.nullable(),
  }),
])

const retested = z.union([
  problem.extend({ version: z.string() }),
  z.object({
    version: z.string(),
    rows: z.int(),
    churners: z.int(),
    dropped: z.int(),
    score: z.number().nullable(),
    interval: interval.nullable(),
    againstChampion: comparison.nullable(),
  }),
])

const skill = z.union([
  problem,
  z.object({
    rows: z.int(),
    churners: z.int(),
    customers: z.int(),
    churnedCustomers: z.int(),
    stayedCustomers: z.int(),
    f1: z.number(),
    f1FlagAll: z.number(),
    gain: z.number(),
    gainLow: z.number(),
    auc: z.number().nullable(),
    aucLow: z.number().nullable(),
    aucHigh: z.number().nullable(),
    thresholdRule: z.string().nullable(),
  }),
])

const power = z.object({
  equalPasses: z.number(),
  isEnough: z.boolean(),
  neededChurners: z.number(),
  tolerance: z.number(),
})

const checked = z.object({ goldenRows: z.int(), notes: z.array(z.string()) })

const side = z.object({ version: z.string(), score: z.number().nullable() })

/** The evidence of a look, as the versions' tags hold it. */
export const gateEvidence = z.object({
  outcome: z.enum(['better', 'not-worse', 'tie', 'worse', 'refused', 'not-enough-data']),
  gate: z.enum(['superior', 'not-worse']),
  metric: z.string(),
  margin: z.number(),
  champion: side,
  challenger: side,
  difference: z.number().nullable(),
  low: z.number().nullable(),
  interval: interval.nullable(),
  smallestVisible: z.number().nullable(),
  rows: z.int(),
  churners: z.int(),
  customers: z.int().nullable().default(null),
  churnedCustomers: z.int().nullable().default(null),
  power: power.nullable().default(null),
  dropped: z.int(),
  rowsSha256: z.string(),
  source: z.string(),
})

/** Comparisons on stored and fresh predictions behind the bridge. */
export function createComparer(call: CallPython): Comparer {
  return {
    compare: (request, onProgress) => call('registry.compare', request, z.array(compared), { onProgress }),
    retest: (request, onProgress) => call('registry.retest', request, z.array(retested), { onProgress }),
    skill: (request, onProgress) => call('registry.skill', request, skill, { onProgress }),
    check: (request, onProgress) => call('registry.check', request, checked, { onProgress }),
  }
}
