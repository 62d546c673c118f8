import { z } from 'zod'
import { tableSchema } from '../domain/schema.js'

const parameterValue = z.union([z.number(), z.string(), z.boolean(), z.null()])

/** The written form: `churn-ops.json`. Everything is optional; unknown keys are refused by name. */
export const writtenSettings = z
  .strictObject({
    $schema: z.string().optional(),
    trackingUri: z
      .string()
      .min(1)
      .optional()
      .describe('MLflow tracking URI; MLFLOW_TRACKING_URI goes before it.'),
    model: z.string().min(1).optional().describe('Name of the registered model.'),
    experiment: z.string().min(1).optional().describe('Name of the MLflow experiment.'),
    python: z.string().min(1).optional().describe('Your own Python interpreter.'),
    data: z
      .string()
      .min(1)
      .optional()
      .describe('The table of customers: a CSV or Parquet file, relative to this file, or a SQLAlchemy URL.'),
    query: z
      .string()
      .min(1)
      .optional()
      .describe('The SELECT statement that gives the rows, for a URL in data.'),
    schema: z.string().min(1).optional().describe('A JSON file with the columns, relative to this file.'),
    grid: z.record(z.string(), z.array(parameterValue).min(1)).optional(),
    seed: z.int().min(0).optional(),
    splitSeed: z.int().min(0).optional(),
    maxInvalid: z.int().min(0).optional(),
    policy: z.string().min(1).optional(),
    monitor: z
      .strictObject({
        sample: z.int().min(1).optional(),
        share: z
          .number()
          .min(0)
          .max(1)
          .optional()
          .describe('More than this share of drifted columns is drift.'),
        count: z.int().min(0).optional().describe('More than this number of drifted columns is drift.'),
        columnThreshold: z.number().positive().optional(),
      })
      .optional(),
  })
  .describe('Settings of churn-ops; a command-line option or environment variable goes before them.')

export type WrittenSettings = z.infer<typeof writtenSettings>

/** The used form: every value known, paths absolute. */
export const usedSettings = z.strictObject({
  trackingUri: z.string(),
  model: z.string(),
  experiment: z.string(),
  python: z.string().nullable(),
  /** Null means the bundled Telco table. */
  data: z.string().nullable(),
  /** The statement for a database; null for a file. */
  query: z.string().nullable(),
  schema: tableSchema,
  grid: z.record(z.string(), z.array(parameterValue)),
  seed: z.int(),
  splitSeed: z.int(),
  maxInvalid: z.int(),
  policy: z.string(),
  waitSeconds: z.number(),
  monitor: z.strictObject({
    sample: z.int(),
    share: z.number(),
    count: z.int(),
    columnThreshold: z.number(),
  }),
  json: z.boolean(),
  quiet: z.boolean(),
  verbose: z.boolean(),
})

export type Settings = z.infer<typeof usedSettings>
