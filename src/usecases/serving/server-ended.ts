import { serverFailed } from '../../domain/serving/server-failure.js'
import type { RunningServer } from '../ports/serving.js'

/**
 * Waits as long as a server runs; the signal that stops it on purpose is its caller's to see.
 *
 * @throws ChurnOpsError `SERVER_START` when the server ends by itself.
 */
export async function untilServerEnds(server: RunningServer, name: string): Promise<never> {
  const { lastLines } = await server.ended
  throw serverFailed(name, `at ${server.url} ended by itself`, lastLines)
}
