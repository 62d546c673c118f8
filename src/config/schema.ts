import { z } from 'zod'
import { policyRules } from '../domain/promotion/policy.js'
import { ESTIMATOR_NAMES } from '../domain/search/estimator-name.js'
import { SEARCH_KINDS, type SearchPlan } from '../domain/search/search-plan.js'
import { SPLIT_KINDS } from '../domain/search/split.js'
import { THRESHOLD_KINDS, type ThresholdChoice } from '../domain/search/threshold-rule.js'
import { tableSchema } from '../domain/table/schema.js'

// It becomes a folder below mlruns.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const EXPERIMENT = /^[^./\\\u0000-\u001f][^/\\\u0000-\u001f]{0,199}$/

const parameterValue = z.union([z.number(), z.string(), z.boolean(), z.null()])

/** The written form: `churn-ops.json`. Everything is optional; unknown keys are refused by name. */
export const writtenSettings = z
  .strictObject({
    $schema: z.string().optional(),
    trackingUri: z
      .string()
      .min(1)
      .optional()
      .describe('MLflow tracking URI; MLFLOW_TRACKING_URI overrides it.'),
    model: z.string().min(1).optional().describe('Name of the registered model.'),
    experiment: z
      .string()
      .regex(EXPERIMENT, 'a name must not contain a slash or control character, or start with a dot')
      .optional()
      .describe('Name of the MLflow experiment; with a SQLite store also the name of its folder.'),
    artifacts: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Where a new experiment keeps its files: s3://BUCKET/PREFIX or a folder, relative to this file; CHURN_OPS_ARTIFACTS overrides it.',
      ),
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
      .describe('The SELECT statement that returns the rows, for a URL in data.'),
    schema: z
      .string()
      .min(1)
      .optional()
      .describe('A JSON file that describes the columns, relative to this file.'),
    estimator: z
      .union([z.enum(ESTIMATOR_NAMES), z.array(z.enum(ESTIMATOR_NAMES)).min(1)])
      .optional()
      .describe('The estimators to compare; forest by default.'),
    search: z.enum(SEARCH_KINDS).optional(),
    iterations: z
      .int()
      .min(1)
      .optional()
      .describe('Candidates that random search or Optuna tries per estimator.'),
    cv: z.int().min(2).optional().describe('Cross-validation folds; without it forests use out-of-bag rows.'),
    grid: z
      .record(z.string(), z.array(parameterValue).min(1))
      .optional()
      .describe('Values per parameter, for every estimator that has it.'),
    grids: z
      .partialRecord(z.enum(ESTIMATOR_NAMES), z.record(z.string(), z.array(parameterValue).min(1)))
      .optional()
      .describe('Values per parameter for a single estimator.'),
    threshold: z.enum(THRESHOLD_KINDS).optional().describe('How the threshold is chosen; f1 by default.'),
    capacity: z
      .union([z.int().min(1), z.string()])
      .optional()
      .describe('Customers that can be contacted, as a number or a share such as 10%.'),
    cost: z
      .strictObject({
        contactCost: z.number().min(0).describe('Cost of contacting one customer.'),
        saveRate: z.number().min(0).max(1).describe('Share of contacted churners who stay.'),
        value: z
          .union([z.number(), z.string()])
          .describe('Value of a customer who stays: a constant, or the name of a number column.'),
      })
      .optional(),
    calibrate: z.boolean().optional().describe('Whether probabilities are calibrated (Platt scaling).'),
    split: z.enum(SPLIT_KINDS).optional(),
    seed: z.int().min(0).optional(),
    splitSeed: z.int().min(0).optional(),
    maxInvalid: z.int().min(0).optional(),
    policy: z
      .string()
      .min(1)
      .optional()
      .describe('Promotion policy: gated (default), documents, or a JSON file with the rules.'),
    promotion: policyRules.optional(),
    notices: z
      .array(z.string().min(1))
      .optional()
      .describe(
        'apprise addresses to notify of promotions; a variable name in braces after a dollar sign is replaced by that environment variable, where secrets belong.',
      ),
    monitor: z
      .strictObject({
        sample: z.int().min(1).optional(),
        share: z
          .number()
          .min(0)
          .max(1)
          .optional()
          .describe('A larger share of drifted columns than this is drift.'),
        count: z.int().min(0).optional().describe('More drifted columns than this is drift.'),
        columnThreshold: z.number().positive().optional(),
      })
      .optional(),
  })
  .describe('Settings of churn-ops; command-line options and environment variables override them.')

export type WrittenSettings = z.infer<typeof writtenSettings>

/** The used form: every value known, paths absolute. */
export const usedSettings = z.strictObject({
  /** Absolute paths of the settings file and of what it names as schema. */
  files: z.array(z.string()),
  trackingUri: z.string(),
  model: z.string(),
  experiment: z.string(),
  /** `s3://BUCKET/PREFIX` or an absolute folder; null for the place next to the store. */
  artifacts: z.string().nullable(),
  python: z.string().nullable(),
  /** Null means the bundled Telco table. */
  data: z.string().nullable(),
  /** The statement for a database; null for a file. */
  query: z.string().nullable(),
  schema: tableSchema,
  search: z.custom<SearchPlan>(),
  threshold: z.custom<ThresholdChoice>(),
  calibrate: z.boolean(),
  split: z.enum(SPLIT_KINDS),
  seed: z.int(),
  splitSeed: z.int(),
  maxInvalid: z.int(),
  /** A built-in name or the absolute path of a file. */
  policy: z.string(),
  /** Rules of the policy `gated`. */
  promotion: policyRules,
  notices: z.strictObject({ urls: z.array(z.string()), missing: z.array(z.string()) }),
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
