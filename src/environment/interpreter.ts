import { z } from 'zod'
import { ChurnOpsError } from '../errors.js'
import { isolatedPython } from '../process/isolated-python.js'
import { runToEnd } from '../process/run.js'

/** What an interpreter says about itself. */
export interface Interpreter {
  /** Absolute path of the real program, behind shims. */
  path: string
  /** Such as 3.11.7. */
  version: string
  /** Whether it can make virtual environments with pip in them. */
  canMakeEnvironments: boolean
}

/** Tried in this order: what the user calls `python3` wins when it will do. */
export const CANDIDATES = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python'] as const

const OLDEST_MINOR = 11
const NEWEST_MINOR = 13
const PROBE_TIMEOUT_MS = 10_000

// Runs on any Python, the very old ones too: their answer is what the error names.
const PROBE = `
import json, sys
def has(name):
    try:
        __import__(name)
        return True
    except ImportError:
        return False
print(json.dumps({"path": sys.executable, "version": "%d.%d.%d" % sys.version_info[:3],
                  "canMakeEnvironments": has("venv") and has("ensurepip")}))
`

const answer = z.object({
  path: z.string().min(1),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  canMakeEnvironments: z.boolean(),
})

/** Asks a program what Python it is; null when it is none or does not run (a pyenv shim without a version). */
export async function probeInterpreter(program: string): Promise<Interpreter | null> {
  // Isolated: a module that is in the current folder is not taken for Python's own.
  const finished = await runToEnd(program, ['-I', '-c', PROBE], {
    timeoutMs: PROBE_TIMEOUT_MS,
    environment: isolatedPython(),
  })
  if (finished.exitCode !== 0) return null
  const read = answer.safeParse(jsonOrNull(finished.stdout))
  return read.success ? read.data : null
}

/** Whether churn-ops runs on this Python: 3.11 to 3.13. */
export function isSupported(version: string): boolean {
  const [major, minor] = version.split('.').map(Number)
  return major === 3 && minor !== undefined && minor >= OLDEST_MINOR && minor <= NEWEST_MINOR
}

/** The minor version as environments are keyed by it: 3.11.7 → 3.11. */
export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

/** Path of a working uv, or null. */
export async function findUv(): Promise<string | null> {
  const finished = await runToEnd('uv', ['--version'], { timeoutMs: PROBE_TIMEOUT_MS })
  return finished.exitCode === 0 && finished.stdout.startsWith('uv ') ? 'uv' : null
}

/**
 * The interpreter that environments are made with; `uv` needs neither venv nor ensurepip.
 *
 * @throws ChurnOpsError `PYTHON_MISSING`, `PYTHON_VERSION` or `PYTHON_VENV_MISSING`, naming what was found.
 */
export async function findBaseInterpreter(uv: string | null): Promise<Interpreter> {
  const found: Interpreter[] = []
  for (const name of CANDIDATES) {
    const interpreter = await probeInterpreter(name)
    if (interpreter === null) continue
    if (isSupported(interpreter.version) && (uv !== null || interpreter.canMakeEnvironments))
      return interpreter
    found.push(interpreter)
  }
  throw noUsableInterpreter(found)
}

/** The error for a set of interpreters of which none will do. */
export function noUsableInterpreter(found: readonly Interpreter[]): ChurnOpsError {
  const withoutVenv = found.find(({ version }) => isSupported(version))
  if (withoutVenv !== undefined) return venvMissing(withoutVenv)
  const [first] = found
  return first === undefined ? pythonMissing() : unsupported(first)
}

/** `PYTHON_VERSION` for an interpreter outside 3.11 to 3.13. */
export function unsupported({ path, version }: Pick<Interpreter, 'path' | 'version'>): ChurnOpsError {
  return new ChurnOpsError('PYTHON_VERSION', {
    message: `churn-ops needs Python 3.${OLDEST_MINOR} to 3.${NEWEST_MINOR}, and ${path} is Python ${version}. Nothing was created.`,
    hint: `Install Python 3.${NEWEST_MINOR}, or name one with --python PATH.`,
    details: { interpreter: path, version },
  })
}

function venvMissing({ path, version }: Interpreter): ChurnOpsError {
  const name = `python${minorOf(version)}-venv`
  return new ChurnOpsError('PYTHON_VENV_MISSING', {
    message: `Python ${version} at ${path} cannot create virtual environments: its venv or ensurepip module is missing. Nothing was created.`,
    hint: `Install ${name}: \`sudo apt install ${name}\` on Debian and Ubuntu (python3-venv for the system's own Python).`,
    details: { interpreter: path, version, package: name },
  })
}

function pythonMissing(): ChurnOpsError {
  return new ChurnOpsError('PYTHON_MISSING', {
    message: `No working Python was found on PATH (tried ${CANDIDATES.join(', ')}). Nothing was created.`,
    hint: `Install Python 3.${OLDEST_MINOR} to 3.${NEWEST_MINOR}, or name one with --python PATH.`,
  })
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
