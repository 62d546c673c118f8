import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { OnProgress } from '../domain/progress.js'
import { ChurnOpsError } from '../errors.js'
import { isolatedPython } from '../process/isolated-python.js'
import { spawnLongLived } from '../process/run.js'
import { installFailed, notWritable } from './failure.js'
import type { Lock } from './lock.js'

const PHASE = 'environment'

const event = z.discriminatedUnion('event', [
  z.object({ event: z.literal('waiting'), holder: z.string().nullable() }),
  z.object({ event: z.literal('making'), folder: z.string(), installer: z.string() }),
  z.object({ event: z.literal('progress'), text: z.string(), done: z.number(), total: z.number() }),
  z.object({ event: z.literal('ready'), created: z.boolean() }),
  z.object({ event: z.literal('removed') }),
  z.object({
    event: z.literal('error'),
    kind: z.literal('install'),
    step: z.string(),
    lines: z.array(z.string()),
  }),
])
const osError = z.object({ event: z.literal('error'), kind: z.literal('os'), message: z.string() })

type Event = z.infer<typeof event> | z.infer<typeof osError>

/** What making one environment needs. */
export interface MakeRequest {
  folder: string
  /** Absolute path of the interpreter that the environment is made with. */
  baseInterpreter: string
  uv: string | null
  lock: Lock
  onProgress: OnProgress
  signal?: AbortSignal
}

/**
 * Builds an environment in its final place, or waits for another process that does.
 *
 * @throws ChurnOpsError `ENVIRONMENT_INSTALL`, `NOT_WRITABLE` or `DISK_FULL`; nothing half-made is then left.
 */
export async function makeEnvironment(request: MakeRequest): Promise<{ created: boolean }> {
  const { folder, lock, uv } = request
  const parameters = [
    ...['make', '--folder', folder, '--requirements', lock.requirements, '--lock-sha256', lock.sha256],
    ...['--parent', String(process.pid), ...(uv === null ? [] : ['--uv', uv])],
  ]
  const last = await runScript(request, parameters, reporter(request.onProgress))
  if (last?.event === 'ready') return { created: last.created }
  throw new ChurnOpsError('BUG', {
    message: 'Creating the Python environment ended without reporting whether it is ready.',
    hint: 'Run `churn-ops setup` again, with --verbose.',
  })
}

/** Takes an environment away, under its lock. Throws ChurnOpsError `NOT_WRITABLE`. */
export async function removeEnvironment(
  request: Pick<MakeRequest, 'folder' | 'baseInterpreter' | 'lock'>,
): Promise<void> {
  await runScript(request, ['remove', '--folder', request.folder], () => undefined)
}

async function runScript(
  request: Pick<MakeRequest, 'folder' | 'baseInterpreter' | 'lock' | 'signal'>,
  parameters: string[],
  onEvent: (event: Event) => void,
): Promise<Event | null> {
  let last: Event | null = null
  const noise: string[] = []
  const script = join(request.lock.pythonFolder, 'churn_ops_environment.py')
  const running = spawnLongLived(request.baseInterpreter, ['-I', script, ...parameters], {
    environment: isolatedPython(),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    onLine: (line) => {
      const read = readEvent(line)
      if (read === null) noise.push(line)
      else {
        last = read
        onEvent(read)
      }
    },
  })
  const end = await running.ended
  if (end.exitCode === 0) return last
  throw failure(request.folder, last, noise, end.signal ?? `exit code ${end.exitCode}`)
}

function failure(folder: string, last: Event | null, noise: string[], how: string): ChurnOpsError {
  if (last?.event === 'error') {
    return last.kind === 'install'
      ? installFailed(folder, last.step, last.lines)
      : notWritable(dirname(folder), new Error(last.message))
  }
  return installFailed(folder, 'Python', noise.length > 0 ? noise.slice(-20) : [`it ended by ${how}`])
}

function reporter(onProgress: OnProgress): (event: Event) => void {
  const say = (text: string, done = 0, total = 0): void => onProgress({ phase: PHASE, done, total, text })
  return (event) => {
    if (event.event === 'making') {
      say(
        `creating the Python environment (once for all projects) in ${event.folder} with ${event.installer}`,
      )
    } else if (event.event === 'waiting') {
      const who = event.holder === null ? '' : ` (pid ${event.holder})`
      say(`another process${who} is creating the Python environment; waiting for it`)
    } else if (event.event === 'progress') {
      say(event.text, event.done, event.total)
    }
  }
}

function readEvent(line: string): Event | null {
  try {
    const value: unknown = JSON.parse(line)
    return z.union([event, osError]).parse(value)
  } catch {
    return null
  }
}
