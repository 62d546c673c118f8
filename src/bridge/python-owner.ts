import { ChurnOpsError, type ErrorCode } from '../errors.js'
import { stoppedOnRequest } from './bridge-errors.js'
import type { CallPython, PythonProcess } from './python-process.js'

/** One Python process that several users share; it starts when it is first called. */
export interface PythonOwner {
  /** Calls Python; one that has died is started again by the next call. */
  call: CallPython
  /** Runs work that calls Python, which ends when nobody is at such work any more; the next call starts it again. */
  lease<T>(work: () => Promise<T>): Promise<T>
  /** Ends Python for good: later calls are refused with INTERRUPTED. */
  dispose(): Promise<void>
}

/** After these the process is gone, or was killed. */
const GONE: readonly ErrorCode[] = ['PYTHON_DIED', 'PYTHON_TIMEOUT']

/** Makes the owner of a process that is not started yet. */
export function createPythonOwner(
  start: () => Promise<Pick<PythonProcess, 'call' | 'dispose'>>,
): PythonOwner {
  let running: ReturnType<typeof start> | null = null
  let leases = 0
  let isDisposed = false

  const end = async (): Promise<void> => {
    const ending = running
    running = null
    await ending?.then((python) => python.dispose()).catch(() => undefined)
  }

  const started = async (): Promise<Awaited<ReturnType<typeof start>>> => {
    running ??= start()
    const mine = running
    try {
      return await mine
    } catch (error) {
      if (running === mine) running = null
      throw error
    }
  }

  return {
    call: async (...parameters) => {
      // Work that is still under way when its command is stopped must not start Python again.
      if (isDisposed) throw stoppedOnRequest(parameters[0])
      const python = await started()
      const mine = running
      try {
        return await python.call(...parameters)
      } catch (error) {
        const isGone = error instanceof ChurnOpsError && GONE.includes(error.code)
        // Somebody else may have started the next one already.
        if (isGone && running === mine) await end()
        throw error
      }
    },
    lease: async (work) => {
      leases += 1
      try {
        return await work()
      } finally {
        leases -= 1
        if (leases === 0) await end()
      }
    },
    dispose: () => {
      isDisposed = true
      return end()
    },
  }
}
