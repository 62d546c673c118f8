import { z } from 'zod'
import { interval } from './gate-evidence.js'
import { named } from './method.js'
import { versionRequest } from './registry.js'
import { storeRequest } from './store.js'
import { checkedTable } from './table.js'

/** The metric that the gate compares, with what it needs. */
const metric = named(
  'GateMetric',
  z.discriminatedUnion('kind', [
    named('F1Metric', z.object({ kind: z.literal('f1') })),
    named('PrecisionMetric', z.object({ kind: z.literal('precision@capacity'), capacity: z.number() })),
    named('ProfitMetric', z.object({ kind: z.literal('profit'), value: z.number(), cost: z.number() })),
  ]),
)

const bootstrap = { draws: z.int().describe('Bootstrap samples.'), seed: z.int() }

/** Two versions to compare. */
const comparePair = named(
  'ComparePair',
  z.object({
    baseline: z.string(),
    candidate: z.string(),
    rows: z
      .enum(['held-out', 'file'])
      .describe('Stored held-out predictions, or the fresh rows of the request.'),
    newerOnly: z.boolean().describe('Only rows that the baseline has never seen.'),
    draws: z.int().describe('Bootstrap samples.'),
    required: z.boolean().describe('Whether the whole request fails when this pair cannot be compared.'),
  }),
)

export const compareRequest = named(
  'CompareRequest',
  storeRequest.extend({
    pairs: z.array(comparePair),
    fresh: checkedTable.nullable(),
    metric,
    seed: z.int(),
    confidence: z.number(),
  }),
)

export const retestRequest = named(
  'RetestRequest',
  storeRequest.extend({
    versions: z.array(z.string()),
    champion: z.string().nullable(),
    fresh: checkedTable,
    metric,
    ...bootstrap,
    confidence: z.number(),
  }),
)

export const skillRequest = named(
  'SkillRequest',
  versionRequest.extend({ fresh: checkedTable.nullable(), ...bootstrap }),
)

export const goldenRowsRequest = named(
  'GoldenRowsRequest',
  versionRequest.extend({ columns: z.array(z.string()), allowPickle: z.string().nullable() }),
)

const comparison = named(
  'Comparison',
  z.object({
    baseline: z.number(),
    candidate: z.number(),
    difference: z.number(),
    low: z.number().describe('Lower bound of the one-sided interval.'),
    interval: interval.describe('Two-sided, 95 %.'),
    standardError: z.number().describe('Of the difference, by the same draws.'),
  }),
)

const problem = named('Problem', z.object({ problem: z.string() }))

const counted = { rows: z.int(), churners: z.int(), customers: z.int(), churnedCustomers: z.int() }

const pairedComparison = named(
  'PairedComparison',
  z.object({ ...counted, dropped: z.int(), rowsSha256: z.string(), comparison: comparison.nullable() }),
)

export const compared = z.array(z.union([problem, pairedComparison]))

export const retested = z.array(
  z.union([
    named('RetestProblem', problem.extend({ version: z.string() })),
    named(
      'Retested',
      z.object({
        version: z.string(),
        rows: z.int(),
        churners: z.int(),
        dropped: z.int().describe('Rows that it was trained on.'),
        score: z.number().nullable(),
        interval: interval.nullable(),
        againstChampion: comparison.nullable(),
      }),
    ),
  ]),
)

/** What the answers of a model tell of its skill, however its threshold was chosen. */
export const measuredSkill = named(
  'MeasuredSkill',
  z.object({
    ...counted,
    stayedCustomers: z.int(),
    f1: z.number(),
    f1FlagAll: z.number(),
    gain: z.number(),
    gainLow: z.number(),
    auc: z.number().nullable(),
    aucLow: z.number().nullable(),
    aucHigh: z.number().nullable(),
  }),
)

export const skill = z.union([
  problem,
  named('SkillFacts', measuredSkill.extend({ thresholdRule: z.string().nullable() })),
])

export const goldenRows = named('GoldenRows', z.object({ goldenRows: z.int(), notes: z.array(z.string()) }))

export type CompareRequest = z.output<typeof compareRequest>
export type ComparePair = z.output<typeof comparePair>
export type RetestRequest = z.output<typeof retestRequest>
export type SkillRequest = z.output<typeof skillRequest>
export type Compared = z.output<typeof compared>[number]
export type Retested = z.output<typeof retested>[number]
