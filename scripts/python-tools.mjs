// Python packages that tests alone need, each lock in a folder of its own outside the user's environment.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Installs pytest and ruff for an interpreter unless they are there already.
 *
 * @returns the folder to put on PYTHONPATH; `bin/` in it holds ruff
 * @throws Error when no installer could do it
 */
export function installPythonTools(root, interpreter) {
  return install(root, interpreter, { lock: 'requirements-dev.txt', name: 'python-tools' })
}

/**
 * Installs a local S3 server (moto) for an interpreter unless it is there already.
 *
 * @returns the folder for the PYTHONPATH of that server alone: it holds packages that the product has too
 * @throws Error when no installer could do it
 */
export function installObjectStorage(root, interpreter) {
  return install(root, interpreter, { lock: 'requirements-dev-s3.txt', name: 'object-storage' })
}

function install(root, interpreter, { lock: file, name }) {
  const lock = join(root, file)
  const key = createHash('sha256').update(readFileSync(lock)).update(interpreter).digest('hex').slice(0, 16)
  const folder = join(root, 'node_modules', '.cache', `${name}-${key}`)
  if (existsSync(folder)) return folder

  // Filled next to its place and moved there when complete: an interrupted install never looks finished.
  const unfinished = `${folder}.${process.pid}`
  const options = ['--require-hashes', '--target', unfinished, '-r', lock]
  const installers = [
    [interpreter, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...options]],
    ['uv', ['pip', 'install', '--quiet', '--python', interpreter, ...options]],
    [basePython(interpreter), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...options]],
  ]
  const complaints = []
  for (const [program, parameters] of installers) {
    const { status, stderr, error } = spawnSync(program, parameters, { encoding: 'utf8' })
    if (status === 0) return moved(unfinished, folder)
    complaints.push(`${program}: ${(error?.message ?? stderr).trim()}`)
    rmSync(unfinished, { recursive: true, force: true })
  }
  throw new Error(`The packages of ${file} could not be installed.\n${complaints.join('\n')}`)
}

function moved(unfinished, folder) {
  try {
    renameSync(unfinished, folder)
  } catch (error) {
    // Two tests at once: the first one's is as good.
    if (!existsSync(folder)) throw error
    rmSync(unfinished, { recursive: true, force: true })
  }
  return folder
}

function basePython(interpreter) {
  const asked = spawnSync(interpreter, ['-c', 'import sys; print(sys._base_executable)'], {
    encoding: 'utf8',
  })
  return asked.stdout?.trim() || 'python3'
}
