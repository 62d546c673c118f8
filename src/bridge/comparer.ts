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
})

const problem = z.object({ problem: z.string() })

const compared = z.union([
  problem,
  z.object({
    rows: z.int(),
    churners: z.int(),
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
  dropped: z.int(),
  rowsSha256: z.string(),
  source: z.string(),
})

/** Comparisons on stored and fresh predictions behind the bridge. */
export function createComparer(call: CallPython): Comparer {
  return {
    compare: (request, onProgress) => call('registry.compare', request, z.array(compared), { onProgress }),
    retest: (request, onProgress) => call('registry.retest', request, z.array(retested), { onProgress }),
    check: (request, onProgress) => call('registry.check', request, checked, { onProgress }),
  }
}
