import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { createPythonOwner, type PythonOwner } from '../../src/bridge/python-owner.js'
import type { PythonProcess } from '../../src/bridge/python-process.js'
import { isRunning, rejection, startPython } from '../helpers/bridge.js'

let owner: PythonOwner
let processes: PythonProcess[]

function own(): void {
  processes = []
  owner = createPythonOwner(async () => {
    const python = await startPython()
    processes.push(python)
    return python
  })
}

afterEach(() => owner.dispose())

const echo = (): Promise<number> => owner.call('echo', 1, z.number())
const pids = (): (number | undefined)[] => processes.map(({ pid }) => pid)

test('users share one process, which starts with the first call', async () => {
  own()
  expect(processes).toEqual([])
  expect(await Promise.all([echo(), echo()])).toEqual([1, 1])
  expect(processes).toHaveLength(1)
})

test('a process that has died is started anew by the next call', async () => {
  own()
  await echo()
  expect(await rejection(owner.call('kills_itself', {}, z.unknown()))).toMatchObject({ code: 'PYTHON_DIED' })
  expect(await echo()).toBe(1)
  expect(new Set(pids()).size).toBe(2)
})

test('a process that cannot be started is tried again', async () => {
  let tries = 0
  owner = createPythonOwner(async () => {
    tries += 1
    if (tries === 1) throw new Error('not yet')
    return startPython()
  })
  expect(await rejection(echo())).toMatchObject({ message: 'not yet' })
  expect(await echo()).toBe(1)
})

test('a process ends with the last of the work that leased it, and a later call starts one', async () => {
  own()
  await owner.lease(async () => {
    await owner.lease(echo)
    expect(isRunning(Number(processes[0]?.pid))).toBe(true)
    await echo()
  })
  expect(processes).toHaveLength(1)
  expect(isRunning(Number(processes[0]?.pid))).toBe(false)
  expect(await echo()).toBe(1)
  expect(processes).toHaveLength(2)
})

test('work that fails gives its lease back', async () => {
  own()
  const failing = owner.lease(async () => {
    await echo()
    throw new Error('no')
  })
  expect(await rejection(failing)).toMatchObject({ message: 'no' })
  expect(isRunning(Number(processes[0]?.pid))).toBe(false)
})

test('after its disposal no call starts Python again', async () => {
  own()
  await echo()
  await owner.dispose()
  expect(await rejection(echo())).toMatchObject({ code: 'INTERRUPTED' })
  expect(processes).toHaveLength(1)
})
