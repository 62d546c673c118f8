import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { PythonProcess } from '../../src/bridge/python-process.js'
import { isRunning, rejection, startPython } from '../helpers/bridge.js'

let python: PythonProcess

beforeEach(async () => {
  python = await startPython()
})

afterEach(() => python.dispose())

test.each([
  ['killed with SIGKILL', 'kills_itself', /signal SIGKILL/, 'about to be killed'],
  ['left through os._exit', 'leaves', /exit code 42/, 'leaving through the back door'],
  ['ended by a segmentation fault', 'segfaults', /signal SIGSEGV/, 'Segmentation fault'],
])('a Python %s is reported within a second, with its last lines', async (_name, method, how, line) => {
  const begun = performance.now()
  const error = await rejection(python.call(method, {}, z.unknown()))
  expect(performance.now() - begun).toBeLessThan(1_000)
  expect(error).toMatchObject({
    code: 'PYTHON_DIED',
    exitCode: 5,
    message: expect.stringMatching(how),
    details: { method, lastLines: expect.arrayContaining([expect.stringContaining(line)]) },
  })
})

test('a call after the death says so at once instead of waiting', async () => {
  await rejection(python.call('leaves', {}, z.unknown()))
  expect(await rejection(python.call('echo', 1, z.number()))).toMatchObject({ code: 'PYTHON_DIED' })
})

test('calls that wait for their turn learn of the death too', async () => {
  const [first, second] = await Promise.all([
    rejection(python.call('leaves', {}, z.unknown())),
    rejection(python.call('echo', 1, z.number())),
  ])
  expect(first).toMatchObject({ code: 'PYTHON_DIED', details: { method: 'leaves' } })
  expect(second).toMatchObject({ code: 'PYTHON_DIED', details: { method: 'echo' } })
})

test('a death during progress is reported like any other', async () => {
  const call = python.call('sleeps', { seconds: 60 }, z.unknown(), {
    onProgress: ({ text }) => process.kill(Number(text), 'SIGKILL'),
  })
  expect(await rejection(call)).toMatchObject({ code: 'PYTHON_DIED' })
})

test('a Python that closed its channel is ended instead of being waited for', async () => {
  const error = await rejection(python.call('closes_channel', {}, z.unknown()))
  expect(error).toMatchObject({ code: 'PYTHON_DIED' })
})

test('a call past its timeout ends Python and tells what it printed last', async () => {
  const pid = Number(python.pid)
  const begun = performance.now()
  const error = await rejection(python.call('sleeps', { seconds: 60 }, z.unknown(), { timeoutMs: 500 }))
  expect(performance.now() - begun).toBeLessThan(2_000)
  expect(error).toMatchObject({
    code: 'PYTHON_TIMEOUT',
    message: expect.stringContaining('within 0.5 s'),
    details: { lastLines: ['sleeping deeply'] },
  })
  await python.dispose()
  expect(isRunning(pid)).toBe(false)
})

test('a timeout counts from the turn of the call, not from the queue', async () => {
  const slow = python.call('sleeps', { seconds: 1 }, z.unknown())
  const quick = python.call('echo', 'quick', z.string(), { timeoutMs: 700 })
  await slow
  expect(await quick).toBe('quick')
})

test('a call without a timeout outlives pythonia’s own', async () => {
  expect(await python.call('sleeps', { seconds: 1.2 }, z.object({}))).toEqual({})
})
