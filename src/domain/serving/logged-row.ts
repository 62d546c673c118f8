import { z } from 'zod'

/** Where rows came from; only `request` and `predict` are customers as they are now. */
export const ROW_SOURCE = /^[a-z][a-z0-9-]{0,31}$/

/** Source of a request that names none. */
export const REQUEST_SOURCE = 'request'

/** One scored row as the request log keeps it, a line each. */
export const loggedRowSchema = z.object({
  /** ISO 8601, UTC. */
  time: z.string(),
  requestId: z.string(),
  customer: z.string().nullable(),
  features: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  probability: z.number().nullable(),
  label: z.number(),
  version: z.string(),
  source: z.string(),
})

export type LoggedRow = z.infer<typeof loggedRowSchema>

/** A line of the log; null for one that is torn or of another kind. */
export function readLoggedRow(line: string): LoggedRow | null {
  try {
    const read = loggedRowSchema.safeParse(JSON.parse(line))
    return read.success ? read.data : null
  } catch {
    return null
  }
}
