import { dirname, join } from 'node:path'
import { z } from 'zod'
import { ChurnOpsError } from '../errors.js'
import { isolatedPython } from '../process/isolated-python.js'
import { runToEnd } from '../process/run.js'
import type { ReadyEnvironment } from '../usecases/ports/environment.js'
import { isSupported, probeInterpreter, unsupported } from './interpreter.js'
import type { Lock } from './lock.js'

/** A package that is not as the lock wants it; `found` null means missing. */
export interface PackageDifference {
  name: string
  wanted: string
  found: string | null
}

const NAMED = 5
const COMPARE_TIMEOUT_MS = 30_000

const answer = z.object({
  differences: z.array(z.object({ name: z.string(), wanted: z.string(), found: z.string().nullable() })),
})

/**
 * Checks the user's own interpreter: it runs, its version will do, and each package of the lock is there as locked.
 *
 * @throws ChurnOpsError `PYTHON_MISSING`, `PYTHON_VERSION` or `PYTHON_PACKAGES`.
 */
export async function checkOwnInterpreter(program: string, lock: Lock): Promise<ReadyEnvironment> {
  const interpreter = await probeInterpreter(program)
  if (interpreter === null) throw notPython(program)
  if (!isSupported(interpreter.version)) throw unsupported(interpreter)
  const differences = await packageDifferences(interpreter.path, lock)
  if (differences.length > 0) throw packagesDiffer(interpreter.path, differences, lock)
  return {
    interpreter: interpreter.path,
    binFolder: dirname(interpreter.path),
    pythonVersion: interpreter.version,
    folder: null,
    lockSha256: lock.sha256,
  }
}

/**
 * The packages of an interpreter that are not as the lock wants them.
 *
 * @throws ChurnOpsError `PYTHON_MISSING` when the interpreter cannot tell.
 */
export async function packageDifferences(interpreter: string, lock: Lock): Promise<PackageDifference[]> {
  const script = join(lock.pythonFolder, 'churn_ops_lock.py')
  const finished = await runToEnd(interpreter, ['-I', script, lock.requirements], {
    timeoutMs: COMPARE_TIMEOUT_MS,
    environment: isolatedPython(),
  })
  if (finished.exitCode !== 0) throw notPython(interpreter, finished.stderr)
  return answer.parse(JSON.parse(finished.stdout)).differences
}

/** Such as `mlflow is missing (lock: 3.17.2)`, the first few. */
export function describeDifferences(differences: readonly PackageDifference[]): string {
  const named = differences
    .slice(0, NAMED)
    .map(({ name, wanted, found }) => `${name} is ${found ?? 'missing'} (lock: ${wanted})`)
  const more = differences.length - named.length
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
}

function packagesDiffer(interpreter: string, differences: PackageDifference[], lock: Lock): ChurnOpsError {
  return new ChurnOpsError('PYTHON_PACKAGES', {
    message: `The packages of ${interpreter} differ from the lock: ${describeDifferences(differences)}.`,
    hint: `Run \`${interpreter} -m pip install --no-deps --require-hashes -r ${lock.requirements}\`, or omit --python.`,
    details: { interpreter, differences: differences.slice(0, 20), count: differences.length },
  })
}

function notPython(program: string, stderr = ''): ChurnOpsError {
  return new ChurnOpsError('PYTHON_MISSING', {
    message: `${program} does not exist or does not run as Python.`,
    hint: 'Give --python the path of a Python 3.11 to 3.13, or omit it.',
    details: { interpreter: program, ...(stderr === '' ? {} : { stderr: stderr.slice(-500) }) },
  })
}
