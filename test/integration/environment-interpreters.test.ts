import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import { findBaseInterpreter } from '../../src/environment/interpreter.js'
import { createPythonEnvironments } from '../../src/environment/python-environments.js'
import { setVariables } from '../helpers/variables.js'

let folder: string
let restore: () => void

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'churn-ops-python-'))
  await mkdir(join(folder, 'bin'))
  restore = setVariables({ PATH: join(folder, 'bin'), CHURN_OPS_HOME: join(folder, 'home') })
})
afterEach(async () => {
  restore()
  await rm(folder, { recursive: true, force: true })
})

/** A program that answers the question for its version as another Python would. */
async function fakePython(name: string, version: string, canMakeEnvironments = true): Promise<string> {
  const path = join(folder, 'bin', name)
  const answer = JSON.stringify({ path, version, canMakeEnvironments })
  await writeFile(path, `#!/bin/sh\necho '${answer}'\n`)
  await chmod(path, 0o755)
  return path
}

async function brokenShim(name: string): Promise<void> {
  const path = join(folder, 'bin', name)
  await writeFile(path, `#!/bin/sh\necho 'pyenv: ${name}: command not found' >&2\nexit 127\n`)
  await chmod(path, 0o755)
}

const ensure = (python: string | null = null) =>
  createPythonEnvironments({ python, packageRoot }).ensure(() => undefined)

describe('choosing the interpreter', () => {
  it('says that there is none when PATH holds none', async () => {
    await expect(ensure()).rejects.toMatchObject({
      code: 'PYTHON_MISSING',
      exitCode: 5,
      hint: expect.stringContaining('--python PATH'),
    })
  })

  it('takes a shim that finds no Python for none', async () => {
    await brokenShim('python3')
    await expect(ensure()).rejects.toMatchObject({ code: 'PYTHON_MISSING' })
  })

  it('names the version and place of a Python that is too old', async () => {
    const path = await fakePython('python3', '3.9.18')
    await expect(ensure()).rejects.toMatchObject({
      code: 'PYTHON_VERSION',
      exitCode: 5,
      message: expect.stringContaining(`${path} is Python 3.9.18`),
    })
    await expect(ensure(path)).rejects.toMatchObject({ code: 'PYTHON_VERSION' })
  })

  it('refuses a Python that is newer than the lock is for', async () => {
    await fakePython('python3', '3.14.0')
    await expect(ensure()).rejects.toMatchObject({ code: 'PYTHON_VERSION' })
  })

  it('names the package that a Debian without venv needs', async () => {
    await fakePython('python3', '3.11.2', false)
    await expect(ensure()).rejects.toMatchObject({
      code: 'PYTHON_VENV_MISSING',
      exitCode: 5,
      hint: expect.stringContaining('apt install python3.11-venv'),
    })
  })

  it('needs no venv module when uv makes the environment', async () => {
    const path = await fakePython('python3', '3.11.2', false)
    expect(await findBaseInterpreter('uv')).toMatchObject({ path })
  })

  it('prefers python3, and passes over what will not do', async () => {
    const newer = await fakePython('python3.13', '3.13.1')
    const usual = await fakePython('python3', '3.12.4')
    expect(await findBaseInterpreter(null)).toMatchObject({ path: usual })
    await fakePython('python3', '3.10.2')
    expect(await findBaseInterpreter(null)).toMatchObject({ path: newer })
    await brokenShim('python3.13')
    const older = await fakePython('python3.12', '3.12.4')
    expect(await findBaseInterpreter(null)).toMatchObject({ path: older })
  })

  it('makes nothing when no interpreter will do', async () => {
    await fakePython('python3', '3.9.18')
    await expect(ensure()).rejects.toMatchObject({ code: 'PYTHON_VERSION' })
    process.env.PATH = [process.env.PATH, '/usr/bin', '/bin'].join(delimiter)
    expect(await createPythonEnvironments({ python: null, packageRoot }).find()).toBeNull()
  })
})
