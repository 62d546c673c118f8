import { z } from 'zod'
import { named } from './method.js'

export const interval = z.tuple([z.number(), z.number()])

const power = named(
  'NotWorsePower',
  z.object({
    equalPasses: z.number(),
    isEnough: z.boolean(),
    neededChurners: z.number(),
    tolerance: z.number(),
  }),
)

const side = named('GateSide', z.object({ version: z.string(), score: z.number().nullable() }))

/** What a look at a challenger came to, as the tags of versions hold it. */
export const gateEvidence = named(
  'GateEvidence',
  z.object({
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
  }),
)
