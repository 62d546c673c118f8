import { z } from 'zod'
import type { Reporter } from '../usecases/ports/evidence.js'
import type { CallPython } from './python-process.js'

const evidence = z.object({ version: z.string(), runId: z.string(), files: z.array(z.string()) })

const fact = z.union([z.number(), z.string(), z.null()])
const differences = z.array(z.object({ what: z.string(), recorded: fact, now: fact }))

const reproduction = z.object({
  version: z.string(),
  runId: z.string(),
  equal: z.boolean(),
  compared: z.object({ metrics: z.int(), predictions: z.int() }),
  differences,
  surroundings: differences,
})

/** Evidence and reproduction in Python behind the bridge. */
export function createReporter(call: CallPython): Reporter {
  return {
    report: (request, onProgress) => call('report', request, evidence, { onProgress }),
    reproduce: (request, onProgress) => call('reproduce', request, reproduction, { onProgress }),
  }
}
