import { problemSentence, type RowProblem } from '../../domain/serving/row-problem.js'

/** The codes of MLflow's answers that this front uses. */
export type FaultCode =
  | 'BAD_REQUEST'
  | 'INVALID_PARAMETER_VALUE'
  | 'RESOURCE_DOES_NOT_EXIST'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED'
  | 'REQUEST_LIMIT_EXCEEDED'
  | 'TEMPORARILY_UNAVAILABLE'
  | 'INTERNAL_ERROR'

/** Why a request is not answered as it asks; its text never repeats what was sent. */
export class RequestFault extends Error {
  readonly statusCode: number
  readonly faultCode: FaultCode
  readonly problems: readonly RowProblem[]
  /** Seconds after which a caller may come again; null when that would not help. */
  readonly retryAfter: number | null

  constructor(
    statusCode: number,
    faultCode: FaultCode,
    message: string,
    more: { problems?: readonly RowProblem[]; retryAfter?: number } = {},
  ) {
    super(message)
    this.name = 'RequestFault'
    this.statusCode = statusCode
    this.faultCode = faultCode
    this.problems = more.problems ?? []
    this.retryAfter = more.retryAfter ?? null
  }
}

/** The fault of rows or of a document that cannot be scored. */
export function rowFault(problems: readonly RowProblem[]): RequestFault {
  const [first] = problems
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  const message = first === undefined ? 'The request cannot be scored.' : `${problemSentence(first)}${more}`
  return new RequestFault(400, 'INVALID_PARAMETER_VALUE', message, { problems })
}

/** The fault of a server that will be well again. */
export function unavailable(message: string, retryAfter = 1): RequestFault {
  return new RequestFault(503, 'TEMPORARILY_UNAVAILABLE', message, { retryAfter })
}
