import { ChurnOpsError } from '../errors.js'
import type { Check, EnvironmentReport, ReadyEnvironment } from '../usecases/ports/environment.js'
import { findBaseInterpreter, findUv, type Interpreter } from './interpreter.js'
import type { Lock } from './lock.js'
import { findManaged } from './managed.js'
import { checkOwnInterpreter, describeDifferences, packageDifferences } from './own-interpreter.js'

const OLDEST_NODE = [20, 19] as const

/** Checks Node, Python, the environment and its packages; installs nothing and throws nothing. */
export async function inspect(python: string | null, lock: Lock): Promise<EnvironmentReport> {
  const node = checkNode(process.versions.node)
  return python === null ? inspectManaged(node, lock) : inspectOwn(node, python, lock)
}

/** The row about Node itself. */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  const ok = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
  return ok
    ? well('Node.js', version)
    : {
        name: 'Node.js',
        ok,
        message: `${version} is too old`,
        cure: `Install Node.js ${OLDEST_NODE.join('.')} or newer.`,
        code: 'PLATFORM_UNSUPPORTED',
      }
}

async function inspectManaged(node: Check, lock: Lock): Promise<EnvironmentReport> {
  const ready = await findManaged(lock)
  if (ready === null) return notReady(node, lock)
  const packages = await comparePackages(ready, lock)
  return {
    ready,
    python: factsOf(ready),
    checks: [node, pythonRow(ready), well('environment', `ready in ${ready.folder}`), packages],
  }
}

async function notReady(node: Check, lock: Lock): Promise<EnvironmentReport> {
  const base = await baseOrError()
  const cure = 'Run `churn-ops setup`.'
  return {
    ready: null,
    python: base instanceof ChurnOpsError ? null : { version: base.version, interpreter: base.path },
    checks: [
      node,
      base instanceof ChurnOpsError
        ? failed('Python', base)
        : well('Python', `${base.version} at ${base.path}`),
      { name: 'environment', ok: false, message: 'not created yet', cure, code: 'ENVIRONMENT_NOT_READY' },
      {
        name: 'packages',
        ok: false,
        message: `not installed yet (lock ${lock.sha256.slice(0, 8)})`,
        cure,
        code: 'ENVIRONMENT_NOT_READY',
      },
    ],
  }
}

async function inspectOwn(node: Check, python: string, lock: Lock): Promise<EnvironmentReport> {
  try {
    const ready = await checkOwnInterpreter(python, lock)
    return {
      ready,
      python: factsOf(ready),
      checks: [
        node,
        pythonRow(ready),
        well('environment', 'your own interpreter'),
        well('packages', `all as in the lock (${lock.sha256.slice(0, 8)})`),
      ],
    }
  } catch (error) {
    if (!(error instanceof ChurnOpsError)) throw error
    const row = failed(error.code === 'PYTHON_PACKAGES' ? 'packages' : 'Python', error)
    return { ready: null, python: null, checks: [node, row] }
  }
}

async function comparePackages(ready: ReadyEnvironment, lock: Lock): Promise<Check> {
  const differences = await packageDifferences(ready.interpreter, lock)
  if (differences.length === 0) return well('packages', `all as in the lock (${lock.sha256.slice(0, 8)})`)
  return {
    name: 'packages',
    ok: false,
    message: describeDifferences(differences),
    cure: 'Run `churn-ops setup --remove`, then `churn-ops setup`.',
    code: 'PYTHON_PACKAGES',
  }
}

async function baseOrError(): Promise<Interpreter | ChurnOpsError> {
  try {
    return await findBaseInterpreter(await findUv())
  } catch (error) {
    if (error instanceof ChurnOpsError) return error
    throw error
  }
}

function factsOf(ready: ReadyEnvironment): { version: string; interpreter: string } {
  return { version: ready.pythonVersion, interpreter: ready.interpreter }
}

function pythonRow(ready: ReadyEnvironment): Check {
  return well('Python', `${ready.pythonVersion} at ${ready.interpreter}`)
}

function well(name: string, message: string): Check {
  return { name, ok: true, message, cure: null, code: null }
}

function failed(name: string, error: ChurnOpsError): Check {
  return { name, ok: false, message: error.message, cure: error.hint, code: error.code }
}
