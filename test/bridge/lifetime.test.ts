import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { isRunning, rejection, startPython, untilGone } from '../helpers/bridge.js'
import { startNodeProgram } from '../helpers/node-program.js'

// Beyond the largest process id of Linux.
const DEAD_PID = 2 ** 22 + 1

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'churn-ops-lifetime-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('dispose', () => {
  test('lets an idle Python leave in its own way', async () => {
    const python = await startPython()
    const path = join(folder, 'left')
    await python.call('registers_exit', { path }, z.unknown())
    const pid = Number(python.pid)
    await python.dispose()
    expect(readFileSync(path, 'utf8')).toBe('left in its own way')
    expect(isRunning(pid)).toBe(false)
  })

  test('interrupts a running call, which cleans up and answers INTERRUPTED', async () => {
    const python = await startPython()
    const path = join(folder, 'cleaned')
    let disposed: Promise<void> | undefined
    const call = python.call('cleans_up', { path }, z.unknown(), {
      onProgress: () => {
        disposed = python.dispose()
      },
    })
    expect(await rejection(call)).toMatchObject({ code: 'INTERRUPTED', message: 'Stopped on request.' })
    await disposed
    expect(readFileSync(path, 'utf8')).toBe('cleaned up')
  })

  test('kills a stuck Python within two seconds', async () => {
    const python = await startPython()
    const pid = Number(python.pid)
    const stuck = new Promise<void>((resolve) => {
      const call = python.call('stuck', {}, z.unknown(), { onProgress: () => resolve() })
      call.catch(() => undefined)
    })
    await stuck
    const begun = performance.now()
    await python.dispose()
    expect(performance.now() - begun).toBeLessThan(2_000)
    expect(isRunning(pid)).toBe(false)
  })

  test('tells a stuck call that it was stopped, not that Python died', async () => {
    const python = await startPython()
    let disposed: Promise<void> | undefined
    const call = python.call('stuck', {}, z.unknown(), {
      onProgress: () => {
        disposed = python.dispose()
      },
    })
    expect(await rejection(call)).toMatchObject({ code: 'INTERRUPTED' })
    await disposed
  })

  test('may be repeated, and later calls say that it was stopped; no log lies about, during or after', async () => {
    const logs = (): string[] => readdirSync(folder).filter((name) => name.startsWith('churn-ops-bridge-'))
    const before = process.env.TMPDIR
    process.env.TMPDIR = folder
    mkdirSync(join(folder, `churn-ops-bridge-${DEAD_PID}-left`))
    const python = await startPython()
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    // A killed Node must leave nothing, so the log has no name while Python lives; nor has that of an earlier one.
    expect(logs()).toEqual([])
    await Promise.all([python.dispose(), python.dispose()])
    await python.dispose()
    expect(logs()).toEqual([])
    expect(await rejection(python.call('echo', 1, z.number()))).toMatchObject({ code: 'INTERRUPTED' })
  })
})

test('a second and third start in one Node process work, progress included', async () => {
  for (const round of [1, 2, 3]) {
    const python = await startPython()
    const seen: number[] = []
    const answer = await python.call('count', { total: round * 10 }, z.object({ total: z.number() }), {
      onProgress: ({ done }) => seen.push(done),
    })
    expect(answer.total).toBe(round * 10)
    expect(seen).toHaveLength(round * 10)
    await python.dispose()
  }
})

test('two Pythons at a time do not take each other’s answers', async () => {
  const [one, other] = await Promise.all([startPython(), startPython()])
  const [first, second] = await Promise.all([
    one.call('sleeps', { seconds: 0.3 }, z.object({})),
    other.call('echo', 'other', z.string()),
  ])
  expect([first, second]).toEqual([{}, 'other'])
  await Promise.all([one.dispose(), other.dispose()])
})

test('SIGTERM from outside interrupts the call, and Python answers so', async () => {
  const python = await startPython()
  const path = join(folder, 'cleaned')
  const call = python.call('cleans_up', { path }, z.unknown(), {
    onProgress: ({ text }) => process.kill(Number(text), 'SIGTERM'),
  })
  expect(await rejection(call)).toMatchObject({ code: 'INTERRUPTED' })
  expect(existsSync(path)).toBe(true)
  await python.dispose()
})

test('Ctrl-C does not reach Python’s work', async () => {
  const python = await startPython()
  expect(await python.call('ignores_sigint', {}, z.unknown())).toEqual({ alive: true })
  await python.dispose()
})

describe('in a Node process of its own', () => {
  test('stdout stays clean whatever Python prints, and stdin is not Python’s', async () => {
    const program = startNodeProgram('prints', {})
    program.child.stdin?.end('meant for Node')
    const { code, stdout } = await program.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(program.facts).toContainEqual({ answer: { read: '' } })
    expect(program.facts.filter((fact) => fact.other !== undefined)).toEqual([])
  })

  test('DEBUG of other programs does not make pythonia print to stdout', async () => {
    const { code, stdout } = await startNodeProgram('echo', 'x', { DEBUG: '*' }).ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  })

  test('nothing keeps Node alive after a death and dispose', async () => {
    const begun = performance.now()
    const program = startNodeProgram('leaves', {})
    expect(await program.ended).toMatchObject({ code: 0 })
    expect(program.facts).toContainEqual({ error: expect.objectContaining({ code: 'PYTHON_DIED' }) })
    expect(performance.now() - begun).toBeLessThan(10_000)
  })

  test('nothing keeps Node alive after a start that failed', async () => {
    const begun = performance.now()
    const program = startNodeProgram('echo', {}, {}, 'dies_at_start.py')
    expect(await program.ended).toMatchObject({ code: 0 })
    expect(program.facts).toContainEqual({ error: expect.objectContaining({ code: 'PYTHON_DIED' }) })
    expect(performance.now() - begun).toBeLessThan(10_000)
  })

  test('killed with SIGKILL in a long call, Node leaves no Python', async () => {
    const program = startNodeProgram('stuck', {})
    const { progress } = await program.until((fact) => fact.progress !== undefined)
    const pid = Number(progress?.text)
    expect(isRunning(pid)).toBe(true)
    program.child.kill('SIGKILL')
    try {
      await untilGone(pid, 3_000)
    } finally {
      if (isRunning(pid)) process.kill(pid, 'SIGKILL')
    }
    await program.ended
  })

  test('Ctrl-C in the terminal stops Python without a traceback', async () => {
    const program = startNodeProgram('sleeps', { seconds: 60 })
    const { progress } = await program.until((fact) => fact.progress !== undefined)
    process.kill(-Number(program.child.pid), 'SIGINT')
    const { code, stdout } = await program.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(program.facts).toContainEqual({ error: expect.objectContaining({ code: 'INTERRUPTED' }) })
    expect(program.facts.filter((fact) => fact.other !== undefined)).toEqual([])
    expect(isRunning(Number(progress?.text))).toBe(false)
  })

  test('SIGTERM to the whole group, as a service manager sends it, is an orderly end too', async () => {
    const path = join(folder, 'cleaned')
    const program = startNodeProgram('cleans_up', { path })
    await program.until((fact) => fact.progress !== undefined)
    process.kill(-Number(program.child.pid), 'SIGTERM')
    const { code } = await program.ended
    expect(code).toBe(0)
    expect(program.facts).toContainEqual({ error: { code: 'INTERRUPTED', message: 'Stopped on request.' } })
    expect(readFileSync(path, 'utf8')).toBe('cleaned up')
  })
})
