import { z } from 'zod'
import type { DriftDetector } from '../usecases/ports/drift.js'
import type { CallPython } from './python-process.js'

const rawValue = z.union([z.string(), z.number(), z.boolean(), z.null()])

const windowShape = z.object({
  windowId: z.string(),
  rows: z.array(z.array(rawValue)),
  columns: z.array(z.string()),
  labelled: z.boolean(),
  sameData: z.boolean(),
})

const metrics = z.record(z.string(), z.number().nullable())

const reportShape = z.object({
  columns: z.array(
    z.object({
      name: z.string(),
      method: z.string(),
      score: z.number().nullable(),
      threshold: z.number(),
      drifted: z.boolean(),
    }),
  ),
  performance: z.object({ rows: z.number(), reference: metrics, window: metrics }).nullable(),
  reports: z.object({ html: z.string(), json: z.string() }).nullable(),
  rows: z.number(),
  warnings: z.array(z.string()),
})

const tableShape = z.object({ path: z.string(), rows: z.number(), newRows: z.number() })

/** Evidently behind the bridge. */
export function createDriftDetector(call: CallPython): DriftDetector {
  return {
    warm() {
      // A failed import shows itself, with its own error, in the call that needs it.
      call('warm', { modules: ['evidently', 'evidently.presets'] }, z.object({})).catch(() => undefined)
    },
    window: (request, onProgress) => call('drift.window', request, windowShape, { onProgress }),
    judge: (request, onProgress) => call('drift.judge', request, reportShape, { onProgress }),
    retrainingTable: (request) => call('drift.retraining_table', request, tableShape),
  }
}
