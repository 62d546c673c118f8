import { z } from 'zod'
import { named } from './method.js'
import { versionRequest } from './registry.js'
import { dataset, tableSchema } from './table.js'

const rawValue = z.union([z.string(), z.number(), z.boolean(), z.null()])

const source = named(
  'WindowSource',
  z.discriminatedUnion('kind', [
    named('HeldOutSource', z.object({ kind: z.literal('held-out') })),
    named('FileSource', z.object({ kind: z.literal('file'), dataset, invalidRecords: z.array(z.int()) })),
  ]),
)

const columnChange = named(
  'ColumnChange',
  z.discriminatedUnion('kind', [
    named(
      'RandomIntegers',
      z.object({ kind: z.literal('random-integers'), column: z.string(), from: z.number(), to: z.number() }),
    ),
    named('Scale', z.object({ kind: z.literal('scale'), column: z.string(), factor: z.number() })),
  ]),
)

export const windowRequest = named(
  'WindowRequest',
  versionRequest.extend({
    schema: tableSchema,
    source,
    sample: z.int(),
    seed: z.int(),
    file: z.string().describe('Absolute path of the file that keeps the window for the next calls.'),
    changes: z
      .array(columnChange)
      .describe('Of a simulated drift, in order; empty for the rows as they are.'),
  }),
)

/** The sampled rows as the endpoint takes them; labels and keys of customers are in the file alone. */
export const window = named(
  'Window',
  z.object({
    rows: z.array(z.array(rawValue)),
    columns: z.array(z.string()).describe('Names of the values of each row.'),
    labelled: z.boolean(),
    sameData: z.boolean().describe('The rows are those that the model was trained or held out on.'),
  }),
)

const scored = named(
  'Scored',
  z.object({ label: z.number(), probability: z.number().nullable(), threshold: z.number().nullable() }),
)

/** For the headline of Evidently's page alone: what has drifted is decided by who asks. */
const limits = named(
  'DriftLimits',
  z.object({
    share: z.number().describe('A larger share of drifted columns than this is drift.'),
    count: z.number().describe('More drifted columns than this is drift.'),
    numberMethod: z.string(),
    categoryMethod: z.string(),
    columnThreshold: z.number().describe('A column has drifted from this score on.'),
  }),
)

export const driftRequest = named(
  'DriftRequest',
  versionRequest.extend({
    schema: tableSchema,
    file: z.string().describe('Of the window.'),
    answers: z.array(scored).describe('One a row, in the order of the window.'),
    limits,
    reportFolder: z.string(),
  }),
)

const metrics = z.record(z.string(), z.number().nullable())

export const driftReport = named(
  'DriftReport',
  z.object({
    columns: z.array(
      named(
        'ColumnScore',
        z.object({
          name: z.string(),
          method: z.string(),
          score: z.number().nullable().describe('Null when the column cannot be compared.'),
        }),
      ),
    ),
    performance: named(
      'Performance',
      z.object({ rows: z.number(), reference: metrics, window: metrics }),
    ).nullable(),
    reports: named('ReportPaths', z.object({ html: z.string(), json: z.string() })).nullable(),
    rows: z.number(),
    warnings: z.array(z.string()),
  }),
)

export const retrainingRequest = named(
  'RetrainingRequest',
  versionRequest.extend({
    schema: tableSchema,
    file: z.string().describe('Of the window.'),
    path: z.string(),
  }),
)

export const retrainingTable = named(
  'RetrainingTable',
  z.object({ path: z.string(), rows: z.number(), newRows: z.number() }),
)

export type WindowRequest = z.output<typeof windowRequest>
export type Window = z.output<typeof window>
export type DriftRequest = z.output<typeof driftRequest>
export type RetrainingRequest = z.output<typeof retrainingRequest>
export type RetrainingTable = z.output<typeof retrainingTable>
