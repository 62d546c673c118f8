import { z } from 'zod'

const metricName = z.enum(['f1', 'precision@capacity', 'profit'])

/** The gated policy as data: what the config file holds under `promotion`, or a policy file. */
export const policyRules = z
  .strictObject({
    gate: z
      .enum(['superior', 'not-worse'])
      .default('superior')
      .describe(
        'superior: the challenger must be significantly better; not-worse: at most worse by the tolerance.',
      ),
    margin: z
      .number()
      .min(0)
      .max(1e6)
      .default(0)
      .describe('The lower bound of the difference must be over this.'),
    tolerance: z
      .number()
      .min(0)
      .max(1e6)
      .default(0.01)
      .describe(
        'How far below 0 the lower bound may be for not-worse; the number of customers needed follows from it.',
      ),
    confidence: z
      .number()
      .min(0.5)
      .max(0.999)
      .default(0.95)
      .describe('Confidence of the one-sided lower bound.'),
    floor: z
      .number()
      .min(0)
      .max(1)
      .default(0.56)
      .describe('A version whose held-out F1 is not over this is Archived and cannot be the first champion.'),
    metric: metricName.default('f1').describe('The metric that the gate compares.'),
    capacity: z
      .number()
      .gt(0)
      .max(1)
      .default(0.1)
      .describe('Share of customers that can be contacted, for precision@capacity.'),
    profit: z
      .strictObject({
        value: z.number().positive().describe('What contacting a churner earns on average.'),
        cost: z.number().min(0).describe('What contacting anyone costs.'),
      })
      .default({ value: 1, cost: 0.2 })
      .describe('For profit, which is counted per customer.'),
    minChurners: z
      .int()
      .min(1)
      .default(300)
      .describe('With fewer churned customers among the compared rows there is not enough data.'),
    draws: z.int().min(200).max(100_000).default(10_000).describe('Bootstrap samples.'),
    seed: z.int().min(0).default(42).describe('Seed of the bootstrap.'),
  })
  .describe('What a version must show to move, under the policy gated.')

export type PolicyRules = z.infer<typeof policyRules>

/** A named policy; null rules are the documents' own. */
export interface Policy {
  name: string
  rules: PolicyRules | null
}

/** What policies without a file are called. */
export const BUILT_IN_POLICIES = ['gated', 'documents'] as const

/** The policy of the original documents. */
export const DOCUMENTS_POLICY: Policy = { name: 'documents', rules: null }

/** The metric as Python computes it. */
export type GateMetric =
  | { kind: 'f1' }
  | { kind: 'precision@capacity'; capacity: number }
  | { kind: 'profit'; value: number; cost: number }

/** The metric that the gate compares, with what it needs. */
export function metricOf(rules: PolicyRules): GateMetric {
  if (rules.metric === 'profit') return { kind: 'profit', ...rules.profit }
  if (rules.metric === 'precision@capacity') return { kind: rules.metric, capacity: rules.capacity }
  return { kind: 'f1' }
}
