import { ChurnOpsError } from '../../errors.js'

/** Longest piece of a foreign answer that an error shows. */
const MAXIMUM_EXCERPT = 200
/** Statuses by which a healthy server says that the fault is in what it was sent. */
const REFUSALS: readonly number[] = [400, 413, 422]

/**
 * The base of a scoring endpoint: no last slash, no `/invocations`.
 *
 * @throws ChurnOpsError `URL_INVALID` for what is no http(s) URL.
 */
export function endpointUrl(written: string): string {
  const url = URL.canParse(written) ? new URL(written) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new ChurnOpsError('URL_INVALID', {
      message: `${JSON.stringify(written)} is not the URL of an endpoint.`,
      hint: 'Give a URL such as http://127.0.0.1:8000.',
      details: { url: written },
    })
  }
  url.hash = ''
  url.search = ''
  url.pathname = url.pathname.replace(/\/+$/, '').replace(/\/invocations$/, '')
  return url.href.replace(/\/+$/, '')
}

/** A URL as it may be shown: without user name and password. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return url
  const shown = new URL(url)
  if (shown.username === '' && shown.password === '') return url
  shown.username = ''
  shown.password = ''
  return shown.href.replace(/\/+$/, '')
}

/** The error for an endpoint that is not there. */
export function endpointUnreachable(url: string, reason: string): ChurnOpsError {
  return new ChurnOpsError('ENDPOINT_UNREACHABLE', {
    message: `The endpoint ${shownUrl(url)} cannot be reached: ${reason}.`,
    hint: 'Start it with `churn-ops serve`, or give another URL with --url.',
    details: { url: shownUrl(url), reason },
  })
}

/** The error for an endpoint that answers something else than predictions: it is not well, or it refuses what it was sent. */
export function endpointAnswer(url: string, status: number, problem: string, text: string): ChurnOpsError {
  // MLflow's own errors repeat the rows that were sent; its code says as much as we can show.
  const excerpt = (ownMessage(text) ?? mlflowCode(text) ?? text.replace(/\s+/g, ' ').trim()).slice(
    0,
    MAXIMUM_EXCERPT,
  )
  if (REFUSALS.includes(status)) {
    return new ChurnOpsError('ENDPOINT_REFUSED', {
      message: `The endpoint ${shownUrl(url)} works but refused the rows (status ${status})${excerpt === '' ? '.' : `: ${excerpt}`}`,
      hint:
        status === 413
          ? 'Send fewer rows at a time: `churn-ops predict FILE --batch 100`.'
          : 'The served model may need other columns than the schema has; `churn-ops serve` serves the one in production.',
      details: { url: shownUrl(url), status, answer: excerpt },
    })
  }
  return new ChurnOpsError('ENDPOINT_UNREACHABLE', {
    message: `The endpoint ${shownUrl(url)} ${problem} (status ${status})${excerpt === '' ? '.' : `: ${excerpt}`}`,
    hint: 'Check that a churn model is served there; `churn-ops serve` starts the one in production.',
    details: { url: shownUrl(url), status, answer: excerpt },
  })
}

/** What a front of ours says, which names row and column and repeats nothing. */
function ownMessage(text: string): string | null {
  if (!text.includes('"problems":')) return null
  try {
    const { message } = JSON.parse(text) as { message?: unknown }
    return typeof message === 'string' ? message : null
  } catch {
    return null
  }
}

function mlflowCode(text: string): string | null {
  return /^\s*\{\s*"error_code":\s*"(\w+)"/.exec(text)?.[1] ?? null
}

/** The error for a port that somebody else holds. */
export function portInUse(
  port: number,
  holder: { pid: number | null; program: string | null },
  command: string,
): ChurnOpsError {
  const who =
    holder.pid === null
      ? 'a process that you cannot see'
      : `process ${holder.pid}${holder.program === null ? '' : ` (${holder.program})`}`
  return new ChurnOpsError('PORT_IN_USE', {
    message: `Port ${port} is in use by ${who}. Nothing was started.`,
    hint: `Stop that process, or use another port: \`churn-ops ${command} --port ${port + 1}\`.`,
    details: { port, pid: holder.pid, program: holder.program },
  })
}

/**
 * A port number.
 *
 * @throws ChurnOpsError `USAGE` for what is none; 0 stands for any free port.
 */
export function portNumber(written: unknown): number {
  if (typeof written === 'number' && Number.isInteger(written) && written >= 0 && written <= 65_535)
    return written
  throw new ChurnOpsError('USAGE', {
    message: '--port is not a port number.',
    hint: 'Give a whole number from 1 to 65535, or 0 for any free port.',
    details: { port: String(written) },
  })
}
