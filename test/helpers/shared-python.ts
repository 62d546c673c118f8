import { afterAll } from 'vitest'
import { PythonProcess, type PythonProcessOptions } from '../../src/bridge/python-process.js'

/** More of them would fill the memory of a small machine. */
const MOST_KEPT = 2

interface Kept {
  /** A process serves only those who would have started the very same one. */
  key: string
  python: PythonProcess
  busy: boolean
}

const kept: Kept[] = []

afterAll(() => Promise.all(kept.splice(0).map(({ python }) => python.dispose())))

/**
 * Starts Python for one command line, or lends the idle process of an earlier one of this test file: each start would do
 * the imports of MLflow and scikit-learn anew. Commands that run at once get a process each, as they have in life.
 */
export async function sharedPython(
  options: PythonProcessOptions,
): Promise<Pick<PythonProcess, 'call' | 'dispose'>> {
  const key = JSON.stringify([options, process.env])
  const idle = kept.find((one) => one.key === key && !one.busy)
  const mine = idle ?? { key, python: await PythonProcess.start(options), busy: true }
  mine.busy = true
  if (idle === undefined) kept.push(mine)
  let calls = 0
  let isFit = true
  return {
    call: async (...parameters) => {
      calls += 1
      try {
        return await mine.python.call(...parameters)
      } catch (error) {
        // Dead, or its state unknown: `ChurnOpsError`s of Python itself are answers.
        if (/^PYTHON_|^BRIDGE_/.test(String((error as { code?: unknown }).code))) isFit = false
        throw error
      } finally {
        calls -= 1
      }
    },
    dispose: async () => {
      mine.busy = false
      const idleOnes = kept.filter((one) => !one.busy && one !== mine)
      // A call under way is one that its command has given up.
      const ended = isFit && calls === 0 ? idleOnes.slice(0, 1 - MOST_KEPT) : [mine]
      for (const one of ended) kept.splice(kept.indexOf(one), 1)
      await Promise.all(ended.map(({ python }) => python.dispose()))
    },
  }
}
