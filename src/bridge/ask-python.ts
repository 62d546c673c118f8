import type { z } from 'zod'
import { type AnswerOf, METHODS, type MethodName, type RequestOf } from '../contract/methods.js'
import { ChurnOpsError } from '../errors.js'
import type { CallOptions, CallPython } from './python-process.js'

/** Asks a method of the contract; request and answer are both checked against it. */
export type AskPython = <Name extends MethodName>(
  method: Name,
  request: RequestOf<Name>,
  options?: CallOptions,
) => Promise<AnswerOf<Name>>

/** Lets the methods of the contract, and nothing else, cross the wire. */
export function askPython(call: CallPython): AskPython {
  return async <Name extends MethodName>(method: Name, request: RequestOf<Name>, options?: CallOptions) => {
    // The compiler does not see that a method and its shapes go together.
    const shapes = METHODS[method] as unknown as {
      request: z.ZodType<RequestOf<Name>>
      answer: z.ZodType<AnswerOf<Name>>
    }
    const checked = shapes.request.safeParse(request)
    if (!checked.success) throw notTheRequest(method, checked.error)
    return call(method, checked.data, shapes.answer, options)
  }
}

function notTheRequest(method: string, cause: z.ZodError): ChurnOpsError {
  return new ChurnOpsError('BRIDGE_PROTOCOL', {
    message: `The request to Python for ${method} was invalid and was not sent.`,
    hint: 'Run it again with --verbose and report the output.',
    details: {
      problems: cause.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    },
    cause,
  })
}
