import { readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { serverFailed } from '../domain/serving/server-failure.js'
import { get } from '../http/client.js'
import { portHolder } from '../process/port-holder.js'
import { descendants } from '../process/process-tree.js'
import { spawnLongLived } from '../process/run.js'
import { createTemporaryFolder } from '../process/temporary-folder.js'
import { relevantLogLines } from './server-log.js'

/** What one `mlflow` server is started with. */
export interface LaunchOptions {
  /** How errors call the server. */
  name: string
  interpreter: string
  launcher: string
  /** Arguments of `mlflow`. */
  parameters: readonly string[]
  environment: Record<string, string | undefined>
  /** Links that are made in the server's working folder, by name. */
  links?: Readonly<Record<string, string>>
}

/** A server that was started and may not be ready yet. */
export interface Launch {
  /** Process id of the launcher; SIGTERM to it stops the whole server. */
  pid: number
  /** Resolves when the server has ended by itself. */
  ended: Promise<{ lastLines: string[] }>
  /** Waits for the first good answer; fails when the server dies or takes over 120 s. */
  ready(url: string, port: number, onWait: (elapsedMs: number) => void): Promise<void>
  /** Ends every process of the server and removes its folder; at most about two seconds. */
  stop(): Promise<void>
}

const READY_DEADLINE_MS = 120_000
const POLL_MS = 150
const PING_TIMEOUT_MS = 2_000
// The launcher itself needs at most a second of grace and a moment to reap.
const STOP_DEADLINE_MS = 1_800

/**
 * Starts `mlflow` under the launcher that ties its whole tree to this process.
 *
 * @throws ChurnOpsError `SERVER_START` when the interpreter does not start.
 */
export async function launch(options: LaunchOptions): Promise<Launch> {
  const folder = await createTemporaryFolder('churn-ops-server-')
  const scratch = folder.path
  for (const [name, target] of Object.entries(options.links ?? {})) await symlink(target, join(scratch, name))
  const child = spawnLongLived(
    options.interpreter,
    [options.launcher, '--parent', String(process.pid), '--scratch', scratch, '--', ...options.parameters],
    { environment: options.environment },
  )
  const { pid } = child
  if (pid === null) {
    await folder.remove()
    throw serverFailed(
      options.name,
      `could not be started (${(await child.ended).startError ?? 'unknown'})`,
      [],
    )
  }
  let stopping: Promise<void> | undefined
  const lastLines = async (): Promise<string[]> =>
    relevantLogLines(await readFile(join(scratch, 'server.log'), 'utf8').catch(() => ''))
  const ended = child.ended.then(async () => ({ lastLines: await lastLines() }))
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const late = new AbortController()
    const deadline = setTimeout(STOP_DEADLINE_MS, undefined, { signal: late.signal }).then(
      // The launcher's guard ends the rest.
      () => child.kill('SIGKILL'),
      () => undefined,
    )
    await Promise.race([child.ended, deadline])
    late.abort()
    await ended
    await folder.remove()
  }
  return {
    pid,
    ended,
    ready: async (url, port, onWait) => {
      const death = ended.then((end): never => {
        throw serverFailed(options.name, 'ended before it was ready', end.lastLines)
      })
      death.catch(() => undefined)
      const begun = Date.now()
      while (!(await Promise.race([answers(url, port, pid), death]))) {
        const elapsedMs = Date.now() - begun
        if (elapsedMs > READY_DEADLINE_MS) {
          throw serverFailed(
            options.name,
            `was not ready after ${READY_DEADLINE_MS / 1000} s`,
            await lastLines(),
          )
        }
        onWait(elapsedMs)
        await Promise.race([setTimeout(POLL_MS), death])
      }
    },
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  }
}

async function answers(url: string, port: number, launcherPid: number): Promise<boolean> {
  const outcome = await get(url, { timeoutMs: PING_TIMEOUT_MS })
  if (outcome.kind === 'failure' || outcome.status !== 200) return false
  // Somebody else may have taken the port meanwhile and answer in our server's place.
  const holder = await portHolder(port)
  return holder?.pid == null || (await descendants(launcherPid)).includes(holder.pid)
}
