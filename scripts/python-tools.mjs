// pytest and ruff for `npm test`: installed once with hashes beside node_modules, outside the user's environment.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Installs requirements-dev.txt for an interpreter unless it is there already.
 *
 * @returns the folder to put on PYTHONPATH; `bin/` in it holds ruff
 * @throws Error when no installer could do it
 */
export function installPythonTools(root, interpreter) {
  const lock = join(root, 'requirements-dev.txt')
  const key = createHash('sha256').update(readFileSync(lock)).update(interpreter).digest('hex').slice(0, 16)
  const folder = join(root, 'node_modules', '.cache', `python-tools-${key}`)
  if (existsSync(folder)) return folder

  // Filled beside its place and moved there when complete: an interrupted install never looks finished.
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
    if (status === 0) {
      renameSync(unfinished, folder)
      return folder
    }
    complaints.push(`${program}: ${(error?.message ?? stderr).trim()}`)
    rmSync(unfinished, { recursive: true, force: true })
  }
  throw new Error(`pytest and ruff could not be installed.\n${complaints.join('\n')}`)
}

function basePython(interpreter) {
  const asked = spawnSync(interpreter, ['-c', 'import sys; print(sys._base_executable)'], {
    encoding: 'utf8',
  })
  return asked.stdout?.trim() || 'python3'
}
