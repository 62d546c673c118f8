import { z } from 'zod'
import { named } from './method.js'
import { versionRequest } from './registry.js'

export const forestRequest = named(
  'ForestRequest',
  versionRequest.extend({
    folder: z.string().describe('An empty folder, which the files are written to.'),
    adversarialRows: z
      .int()
      .describe('Made-up rows with values on and beside thresholds, blank, or unknown.'),
    boundaryRows: z.int().describe('At most so many on the two sides of each threshold.'),
    goldenRows: z.int().describe('Made-up rows without any value of a customer.'),
    seed: z.int().describe('Of both.'),
  }),
)

/** What compiling a version came to; a reason is a fact and no error. */
export const compiledForest = z.union([
  named('NotCompilable', z.object({ reason: z.string() })),
  named(
    'CompiledForest',
    z.object({
      manifestSha256: z.string().describe("SHA-256 of the version's files."),
      rows: z.int().describe('Rows with the answers of scikit-learn.'),
    }),
  ),
])

export type ForestRequest = z.output<typeof forestRequest>
export type CompiledForest = z.output<typeof compiledForest>
