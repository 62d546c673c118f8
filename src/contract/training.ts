import { z } from 'zod'
import { ESTIMATOR_NAMES } from '../domain/search/estimator-name.js'
import { SEARCH_KINDS } from '../domain/search/search-plan.js'
import { SPLIT_KINDS } from '../domain/search/split.js'
import { named } from './method.js'
import { reachableRequest } from './store.js'
import { checkedTable } from './table.js'

const value = z.union([z.number(), z.string(), z.boolean(), z.null()])
const params = named(
  'Params',
  z.record(z.string(), value).describe('By the names of scikit-learn; null is its None.'),
)
const estimator = named('EstimatorName', z.enum(ESTIMATOR_NAMES))

const candidatePlan = named('CandidatePlan', z.object({ name: z.string(), estimator, params }))

const searchPlan = named(
  'SearchPlan',
  z.object({
    kind: z.enum(SEARCH_KINDS),
    iterations: z.int().describe('Candidates by estimator, for `random` and `optuna`.'),
    folds: z
      .int()
      .nullable()
      .describe('Of cross-validation; null takes out-of-bag rows where an estimator has them.'),
    spaces: z.array(
      named(
        'SearchSpace',
        z.object({
          estimator,
          prefix: z.string().describe('First part of the names of its runs.'),
          grid: z.record(z.string(), z.array(value)),
        }),
      ),
    ),
  }),
)

const thresholdRule = named(
  'ThresholdRule',
  z.discriminatedUnion('kind', [
    named('BestF1', z.object({ kind: z.literal('f1') })),
    named('Half', z.object({ kind: z.literal('0.5') })),
    named('Capacity', z.object({ kind: z.literal('capacity'), share: z.number() })),
    named(
      'Cost',
      z.object({
        kind: z.literal('cost'),
        contactCost: z.number().describe('Of contacting one customer.'),
        saveRate: z.number().describe('Share of contacted churners who stay.'),
        value: z
          .union([z.number(), z.string()])
          .describe('Value of a customer who stays: a constant, or the name of a number column.'),
      }),
    ),
  ]),
)

/** What a training is told besides its table: the one list of its settings. */
export const trainingSettings = reachableRequest.omit({ store: true }).extend({
  search: searchPlan,
  calibrate: z.boolean(),
  split: z.enum(SPLIT_KINDS),
  seed: z.int(),
  splitSeed: z.int(),
  waitSeconds: z.number(),
})

export const trainingRequest = named(
  'TrainingRequest',
  reachableRequest.extend({
    ...trainingSettings.shape,
    ...checkedTable.shape,
    candidates: z.array(candidatePlan).describe('Of a grid search; a search that draws makes its own.'),
    threshold: thresholdRule,
    force: z.boolean(),
    packageVersion: z.string(),
    lockSha256: z.string(),
  }),
)

/** What of a training decides how its rows are split. */
export const tableCheck = named(
  'TableCheck',
  checkedTable.extend({ split: z.enum(SPLIT_KINDS), splitSeed: z.int(), folds: z.int().nullable() }),
)

/** How the rows were split. */
const trainingSplit = named(
  'TrainingSplit',
  z.object({
    trainRows: z.int(),
    testRows: z.int(),
    trainCustomers: z
      .int()
      .describe('All rows of an id, and copies of a row under other ids, are one customer.'),
    testCustomers: z.int(),
    joinedIds: z
      .int()
      .describe(
        'Ids that count as one customer with another, as rows are equal but for the id beyond chance.',
      ),
    splitSeed: z.int(),
    kind: z.enum(SPLIT_KINDS),
    knownCustomers: z
      .int()
      .describe('Rows of customers that an earlier training has seen; they kept their side.'),
    trainFrom: z.string().optional().describe('Of a split by time, as the table writes it; so are the next.'),
    trainUntil: z.string().optional(),
    testFrom: z.string().optional(),
    testUntil: z.string().optional(),
    leftOut: named('LeftOut', z.object({ rows: z.int(), customers: z.int() }))
      .optional()
      .describe('Of a split by time: earlier rows of test customers, which are on neither side.'),
  }),
)

const candidate = named(
  'Candidate',
  candidatePlan.extend({
    version: z.string(),
    runId: z.string(),
    threshold: z.number(),
    metrics: named(
      'Metrics',
      z.record(z.string(), z.number().nullable()).describe('By the names in MLflow.'),
    ),
    reused: z.boolean(),
  }),
)

const failedCandidate = named(
  'FailedCandidate',
  candidatePlan.extend({ reason: z.string(), runId: z.string() }),
)

export const trainingOutcome = named(
  'TrainingOutcome',
  z.object({
    split: trainingSplit,
    candidates: z.array(candidate).min(1),
    failed: z.array(failedCandidate),
    parentRunId: z.string().describe('MLflow id of the run that groups the search.'),
    experimentId: z.string(),
    phases: z.record(z.string(), z.number()).describe('Seconds by phase, in the order in which they began.'),
    warnings: z.array(z.string()),
  }),
)

export const reportRequest = named(
  'ReportRequest',
  z.object({
    store: reachableRequest.shape.store,
    version: z.string(),
    output: z.string().describe('Absolute path of the folder that gets the copies.'),
    waitSeconds: z.number(),
  }),
)

/** What was drawn and written of a version. */
export const evidence = named(
  'Evidence',
  z.object({
    version: z.string(),
    runId: z.string(),
    files: z.array(z.string()).describe('Absolute paths, the model card first.'),
  }),
)

export const reproductionRequest = named(
  'ReproductionRequest',
  z.object({
    store: reachableRequest.shape.store,
    version: z.string(),
    data: z.string().nullable().describe('Absolute path where the data lies now; null for the recorded one.'),
    packageVersion: z.string(),
    lockSha256: z.string(),
  }),
)

const fact = z.union([z.number(), z.string(), z.null()])
const differences = z.array(
  named(
    'Difference',
    z.object({
      what: z.string().describe('A metric, or words such as `test rows`.'),
      recorded: fact,
      now: fact,
    }),
  ),
)

/** A version trained again, and what was recorded of it. */
export const reproduction = named(
  'Reproduction',
  z.object({
    version: z.string(),
    runId: z.string(),
    equal: z.boolean().describe('Every metric and every prediction is the same to the last digit.'),
    compared: named('Compared', z.object({ metrics: z.int(), predictions: z.int() })),
    differences,
    surroundings: differences.describe(
      'Lock, churn-ops or packages that are others; they alone make nothing unequal.',
    ),
  }),
)

export type TrainingSettings = z.output<typeof trainingSettings>
export type TrainingRequest = z.output<typeof trainingRequest>
export type TableCheck = z.output<typeof tableCheck>
export type TrainingSplit = z.output<typeof trainingSplit>
export type TrainingOutcome = z.output<typeof trainingOutcome>
export type ReportRequest = z.output<typeof reportRequest>
export type ReproductionRequest = z.output<typeof reproductionRequest>
