import { access, chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import type { Progress } from '../../src/domain/progress.js'
import { environmentName } from '../../src/environment/cache-home.js'
import { findBaseInterpreter, findUv, minorOf } from '../../src/environment/interpreter.js'
import { readLock } from '../../src/environment/lock.js'
import { makeEnvironment } from '../../src/environment/make.js'
import { createPythonEnvironments } from '../../src/environment/python-environments.js'
import { descendants } from '../../src/process/process-tree.js'
import { runToEnd, spawnLongLived } from '../../src/process/run.js'
import type { ReadyEnvironment } from '../../src/usecases/ports/environment.js'
import { makeTinyLock, type TinyLock } from '../helpers/tiny-lock.js'
import { setVariables } from '../helpers/variables.js'

const uvIsHere = (await findUv()) !== null
const NO_UV = { UV_NO_INDEX: undefined, UV_FIND_LINKS: undefined, UV_OFFLINE: undefined }

let tiny: TinyLock
let restore: () => void
let folder: string
let home: string
let testNumber = 0

beforeAll(async () => {
  tiny = await makeTinyLock()
})
afterAll(() => rm(tiny.folder, { recursive: true, force: true }))

beforeEach(async () => {
  testNumber += 1
  home = join(tiny.folder, `home-${testNumber}`)
  restore = setVariables({ ...NO_UV, ...tiny.variables, CHURN_OPS_HOME: home })
  const base = await findBaseInterpreter(null)
  const name = environmentName(readLock(packageRoot, tiny.requirements).sha256, minorOf(base.version))
  folder = join(home, 'environments', name)
})
afterEach(() => restore())

const environments = (requirements = tiny.requirements) =>
  createPythonEnvironments({ python: null, packageRoot, requirements })

/** The parts of a call of `makeEnvironment` that the tests share. */
async function request(onProgress: (progress: Progress) => void, uv: string | null = null) {
  const base = await findBaseInterpreter(null)
  await mkdir(join(home, 'environments'), { recursive: true })
  return {
    folder,
    baseInterpreter: base.path,
    uv,
    lock: readLock(packageRoot, tiny.requirements),
    onProgress,
  }
}

/** A program in the place of uv that starts making the environment and then hangs. */
async function hangingInstaller(): Promise<string> {
  const program = join(tiny.folder, `hanging-${testNumber}`)
  await writeFile(
    program,
    `#!/bin/sh\nmkdir -p '${folder}/bin'\ntouch '${folder}/half'\necho hanging\nexec sleep 300\n`,
  )
  await chmod(program, 0o755)
  return program
}

/** A program in the place of uv that makes an environment without packages at once. */
async function quickInstaller(): Promise<string> {
  const program = join(tiny.folder, `quick-${testNumber}`)
  await writeFile(
    program,
    `#!/bin/sh\nmkdir -p '${folder}/bin'\nln -sf "$(command -v python3)" '${folder}/bin/python'\n`,
  )
  await chmod(program, 0o755)
  return program
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

describe('an environment made with pip from an offline wheel folder', () => {
  const texts: string[] = []
  let ready: ReadyEnvironment

  beforeAll(async () => {
    home = join(tiny.folder, 'home-shared')
    const undo = setVariables({ ...NO_UV, ...tiny.variables, CHURN_OPS_HOME: home })
    ready = await environments().ensure(({ text }) => texts.push(text))
    undo()
  })
  beforeEach(() => {
    home = join(tiny.folder, 'home-shared')
    process.env.CHURN_OPS_HOME = home
  })

  it('said in its first line that it is made and where, and then which package it was at', () => {
    expect(texts[0]).toBe(
      `creating the Python environment (once for all projects) in ${ready.folder} with pip`,
    )
    expect(texts.filter((text) => text.startsWith('collecting churn_ops_tiny'))).toHaveLength(1)
  })

  it('holds the packages of the lock', async () => {
    const used = await runToEnd(ready.interpreter, ['-c', 'import churn_ops_tiny as t; print(t.value)'])
    expect(used.stdout).toBe('7')
    const { checks } = await environments().inspect()
    expect(checks.map(({ name, ok }) => `${name} ${ok}`)).toEqual([
      'Node.js true',
      'Python true',
      'environment true',
      'packages true',
    ])
  })

  it('is found again at once, without a word', async () => {
    expect(await environments().find()).toEqual(ready)
    const again: string[] = []
    expect(await environments().ensure(({ text }) => again.push(text))).toEqual(ready)
    expect(again).toEqual([])
  })

  it("serves as the user's own interpreter too, after a check of less than half a second", async () => {
    const own = createPythonEnvironments({
      python: ready.interpreter,
      packageRoot,
      requirements: tiny.requirements,
    })
    const before = performance.now()
    const taken = await own.ensure(() => undefined)
    expect(performance.now() - before).toBeLessThan(500)
    expect(taken).toMatchObject({ interpreter: ready.interpreter, folder: null, binFolder: ready.binFolder })
  })

  it('runs its programs with its folder first on PATH and hands on their exit code', async () => {
    const program = join(ready.binFolder, 'tell')
    await writeFile(
      program,
      'import os, sys; sys.exit(7 if os.environ["PATH"].startswith(sys.argv[1]) else 8)',
    )
    expect(await environments().run(ready, 'tell', [ready.binFolder], {})).toBe(7)
  })

  it('ends what it runs, and what that started, when it is disposed of', async () => {
    const pids = join(tiny.folder, 'pids')
    const program = `import os, subprocess, time
child = subprocess.Popen(["sleep", "300"])
with open(${JSON.stringify(pids)} + ".new", "w") as file: file.write(f"{os.getpid()} {child.pid}")
os.rename(${JSON.stringify(pids)} + ".new", ${JSON.stringify(pids)})
time.sleep(300)`
    await writeFile(join(ready.binFolder, 'hang'), program)
    const running = environments()
    const ended = running.run(ready, 'hang', [], {})
    await vi.waitUntil(() => exists(pids), { timeout: 10_000, interval: 20 })
    await running.dispose()
    expect(await ended).toBe(143)
    const alive = await runToEnd('ps', [
      '-o',
      'stat=',
      '-p',
      (await readFile(pids, 'utf8')).replace(' ', ','),
    ])
    expect(alive.stdout.split('\n').filter((state) => state !== '' && !state.startsWith('Z'))).toEqual([])
  })

  it('is not ready where it was moved to, since its scripts hold the old place', async () => {
    const moved = join(tiny.folder, 'moved')
    await rename(home, moved)
    process.env.CHURN_OPS_HOME = moved
    expect(await environments().find()).toBeNull()
    await rename(moved, home)
    process.env.CHURN_OPS_HOME = home
    expect(await environments().find()).toEqual(ready)
  })

  it('is called damaged when a package went missing', async () => {
    await runToEnd(ready.interpreter, ['-m', 'pip', 'uninstall', '-y', 'churn-ops-tiny'])
    expect((await environments().inspect()).checks.find(({ ok }) => !ok)).toMatchObject({
      code: 'PYTHON_PACKAGES',
      message: expect.stringContaining('churn-ops-tiny is missing'),
    })
  })

  it('goes away when it is removed', async () => {
    expect(await environments().remove()).toEqual({ removed: ready.folder })
    expect(await environments().find()).toBeNull()
    expect(await environments().remove()).toEqual({ removed: null })
  })
})

describe('making the environment', () => {
  it('makes one environment when two processes start at once, and the second says that it waits', async () => {
    const texts: string[] = []
    const onProgress = ({ text }: Progress): void => void texts.push(text)
    const made = await Promise.all([
      makeEnvironment(await request(onProgress)),
      makeEnvironment(await request(onProgress)),
    ])
    expect(made.map(({ created }) => created).sort()).toEqual([false, true])
    expect(texts.filter((text) => text.startsWith('creating'))).toHaveLength(1)
    expect(texts.filter((text) => /^another process \(pid \d+\) is creating/.test(text))).toHaveLength(1)
  })

  it('leaves nothing when the files do not have the hashes of the lock', async () => {
    const failing = environments(tiny.wrongHash)
    await expect(failing.ensure(() => undefined)).rejects.toMatchObject({
      code: 'ENVIRONMENT_INSTALL',
      exitCode: 5,
      message: expect.stringMatching(/nothing was kept.*pip said: /s),
      hint: expect.stringContaining('different files from those in the lock'),
    })
    expect(await failing.find()).toBeNull()
    const left = await runToEnd('ls', [join(home, 'environments')])
    expect(left.stdout).toMatch(/^\S+\.lock$/)
  })
})

describe.skipIf(!uvIsHere)('making the environment with uv (skipped without uv on PATH)', () => {
  it('installs from an offline wheel folder that uv is told of', async () => {
    const undo = setVariables({ UV_FIND_LINKS: tiny.wheels, UV_OFFLINE: '1', UV_NO_INDEX: '1' })
    const texts: string[] = []
    const ready = await environments().ensure(({ text }) => texts.push(text))
    undo()
    expect(texts[0]).toMatch(/with uv$/)
    const used = await runToEnd(ready.interpreter, ['-c', 'import churn_ops_tiny as t; print(t.value)'])
    expect(used.stdout).toBe('7')
  })
})

describe('an interrupted installation', () => {
  it('is not ready after an abort, and the next run makes it whole', async () => {
    const controller = new AbortController()
    const abort = ({ text }: Progress): void => {
      if (text === 'hanging') controller.abort()
    }
    const making = makeEnvironment({
      ...(await request(abort, await hangingInstaller())),
      signal: controller.signal,
    })
    await expect(making).rejects.toMatchObject({ code: 'ENVIRONMENT_INSTALL' })
    expect(await exists(join(folder, 'half'))).toBe(true)
    expect(await environments().find()).toBeNull()
    const ready = await environments().ensure(() => undefined)
    expect(await exists(join(folder, 'half'))).toBe(false)
    expect(JSON.parse(await readFile(join(folder, 'ready.json'), 'utf8'))).toMatchObject({
      interpreter: ready.interpreter,
    })
  })

  it('ends with its starter, even one killed with SIGKILL, and frees the lock', async () => {
    const { baseInterpreter, lock } = await request(() => undefined)
    const script = join(packageRoot, 'python', 'churn_ops_environment.py')
    const make = `"$1" -I "$2" make --folder "$3" --requirements "$4" --lock-sha256 "$5" --uv "$6" --parent $$; true`
    let sawHanging: () => void = () => undefined
    const hanging = new Promise<void>((resolve) => {
      sawHanging = resolve
    })
    const starter = spawnLongLived(
      'sh',
      [
        '-c',
        make,
        'sh',
        baseInterpreter,
        script,
        folder,
        lock.requirements,
        lock.sha256,
        await hangingInstaller(),
      ],
      { onLine: (line) => line.includes('"hanging"') && sawHanging() },
    )
    await hanging
    const tree = await descendants(starter.pid ?? 0)
    expect(tree).toHaveLength(3)
    starter.kill('SIGKILL')
    await starter.ended
    const repaired = await makeEnvironment(await request(() => undefined, await quickInstaller()))
    expect(repaired).toEqual({ created: true })
    expect(await exists(join(folder, 'half'))).toBe(false)
    expect(await environments().find()).not.toBeNull()
    const alive = await runToEnd('ps', ['-o', 'stat=', '-p', tree.join(',')])
    expect(alive.stdout.split('\n').filter((state) => state !== '' && !state.startsWith('Z'))).toEqual([])
  })
})

describe('where the environment cannot be written', () => {
  it('says which folder and how to choose another one', async () => {
    const file = join(tiny.folder, 'a-file')
    await writeFile(file, '')
    process.env.CHURN_OPS_HOME = join(file, 'home')
    await expect(environments().ensure(() => undefined)).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      exitCode: 5,
      message: expect.stringContaining(join(file, 'home')),
      hint: expect.stringContaining('CHURN_OPS_HOME'),
    })
  })
})

describe.skipIf(process.platform !== 'linux')('below /proc, where no folder can be made', () => {
  it('says so at once', async () => {
    process.env.CHURN_OPS_HOME = '/proc/churn-ops/home'
    await expect(environments().ensure(() => undefined)).rejects.toMatchObject({ code: 'NOT_WRITABLE' })
  })
})

describe("the user's own interpreter", () => {
  const own = (python: string) =>
    createPythonEnvironments({ python, packageRoot, requirements: tiny.requirements })

  it('is refused when a package of the lock is missing, which is named', async () => {
    const base = await findBaseInterpreter(null)
    await expect(own(base.path).ensure(() => undefined)).rejects.toMatchObject({
      code: 'PYTHON_PACKAGES',
      exitCode: 5,
      message: expect.stringContaining('churn-ops-tiny is missing (lock: 1.0.0)'),
    })
  })

  it('is refused when it is not there', async () => {
    const missing = join(tiny.folder, 'no-such-python')
    await expect(own(missing).ensure(() => undefined)).rejects.toMatchObject({
      code: 'PYTHON_MISSING',
      exitCode: 5,
    })
  })
})
