import { z } from 'zod'
import { PROTOCOL } from '../contract/constants.js'
import { redactor } from '../domain/text/redaction.js'
import { ChurnOpsError, isErrorCode } from '../errors.js'

const envelope = z.discriminatedUnion('ok', [
  z.object({ protocol: z.literal(PROTOCOL), ok: z.literal(true), result: z.unknown() }),
  z.object({
    protocol: z.literal(PROTOCOL),
    ok: z.literal(false),
    error: z.object({
      code: z.string(),
      message: z.string(),
      hint: z.string(),
      details: z.record(z.string(), z.unknown()),
    }),
  }),
])

const progressMessage = z.object({
  phase: z.string(),
  done: z.number(),
  total: z.number(),
  text: z.string(),
})

/** One call as the string that crosses. */
export function encodeRequest(method: string, payload: unknown): string {
  return JSON.stringify({ protocol: PROTOCOL, method, payload })
}

/**
 * Opens the envelope that Python answered.
 *
 * @throws ChurnOpsError with Python's code, or `BRIDGE_PROTOCOL` when it is no envelope or the result has another shape.
 */
export function decodeAnswer<T>(answer: unknown, method: string, shape: z.ZodType<T>): T {
  const opened = envelope.safeParse(parseJson(answer))
  if (!opened.success) throw notTheEnvelope(method, opened.error)
  if (!opened.data.ok) throw fromPython(opened.data.error)
  const result = shape.safeParse(opened.data.result)
  if (!result.success) throw notTheEnvelope(method, result.error)
  return result.data
}

/** Reads one progress message; null for anything that is none. */
export function decodeProgress(message: unknown): z.infer<typeof progressMessage> | null {
  const read = progressMessage.safeParse(parseJson(message))
  return read.success ? read.data : null
}

function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function fromPython(error: {
  code: string
  message: string
  hint: string
  details: Record<string, unknown>
}): ChurnOpsError {
  const code = isErrorCode(error.code) ? error.code : 'PYTHON_ERROR'
  // Libraries quote the whole address of a store, password and all.
  return new ChurnOpsError(code, redactor(process.env).value(error))
}

function notTheEnvelope(method: string, cause: z.ZodError): ChurnOpsError {
  return new ChurnOpsError('BRIDGE_PROTOCOL', {
    message: `Python returned an invalid answer to ${method}; it was ignored.`,
    hint: 'Reinstall churn-ops so that its TypeScript and Python parts have the same version.',
    details: {
      problems: cause.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    },
    cause,
  })
}
