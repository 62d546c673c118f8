import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { PythonProcess } from '../../src/bridge/python-process.js'
import type { Progress } from '../../src/domain/progress.js'
import { bridgeFixture, rejection, startPython, systemPython } from '../helpers/bridge.js'

describe('an error in Python', () => {
  let python: PythonProcess
  beforeAll(async () => {
    python = await startPython()
  })
  afterAll(() => python.dispose())

  test('that is unknown arrives with its text and its traceback', async () => {
    const text = 'odd: "quotes", \u2028 and \ud800'
    expect(await rejection(python.call('raises', { text }, z.unknown()))).toMatchObject({
      code: 'PYTHON_ERROR',
      message: `ValueError: ${text}`,
      details: { traceback: expect.stringContaining('programs.py') },
    })
  })

  test('with a code of ours keeps code, message, hint and details', async () => {
    expect(await rejection(python.call('raises_known', {}, z.unknown()))).toMatchObject({
      code: 'BUSY',
      exitCode: 6,
      message: 'The store is being written to by process 7.',
      hint: 'Wait.',
      details: { pid: 7, odd: null },
    })
  })

  test('with a code that we do not know, and details that are no JSON, still arrives', async () => {
    expect(await rejection(python.call('raises_unknown_code', {}, z.unknown()))).toMatchObject({
      code: 'PYTHON_ERROR',
      message: 'A code of another version.',
    })
  })

  test.each([
    ['a full disk', 'raises_disk_full', 'DISK_FULL', /No space left/],
    ['sys.exit', 'exits', 'PYTHON_ERROR', /SystemExit: 3/],
    ['an answer that is no JSON', 'unserialisable', 'PYTHON_ERROR', /TypeError/],
    ['a method that does not exist', 'no.such.method', 'BRIDGE_PROTOCOL', /no\.such\.method/],
  ])('from %s is told as what it is', async (_name, method, code, message) => {
    const error = await rejection(python.call(method, {}, z.unknown()))
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('leaves Python ready for the next call', async () => {
    await rejection(python.call('raises', { text: 'x' }, z.unknown()))
    expect(await python.call('echo', 'still here', z.string())).toBe('still here')
  })

  test('in the shape of a good answer is a broken protocol, and names the field', async () => {
    const error = await rejection(python.call('echo', { total: 'many' }, z.object({ total: z.number() })))
    expect(error).toMatchObject({
      code: 'BRIDGE_PROTOCOL',
      details: { problems: [expect.stringContaining('total')] },
    })
  })
})

describe('an entry that answers junk', () => {
  let python: PythonProcess
  beforeAll(async () => {
    python = await startPython('junk.py')
  })
  afterAll(() => python.dispose())

  test.each([
    'no-json',
    'no-envelope',
    'other-protocol',
    'nan-text',
    'number',
    'nothing',
    'object',
    'list',
    'other-shape',
    'no-hint',
    'raise',
  ])('(%s) is a broken protocol, never a result', async (method) => {
    expect(await rejection(python.call(method, {}, z.object({ total: z.number() })))).toMatchObject({
      code: 'BRIDGE_PROTOCOL',
      exitCode: 1,
    })
  })

  test('as progress is passed over', async () => {
    const seen: Progress[] = []
    await python.call('junk-progress', {}, z.object({}), { onProgress: (progress) => seen.push(progress) })
    expect(seen).toEqual([{ phase: 'p', done: 1, total: 2, text: 't' }])
  })
})

describe('a start that cannot succeed', () => {
  test.each([
    ['a missing interpreter', '/nowhere/bin/python3'],
    ['a folder for an interpreter', '/'],
    ['a file that cannot be run', bridgeFixture('programs.py')],
  ])('with %s is PYTHON_MISSING and names the path', async (_name, interpreter) => {
    const error = await rejection(PythonProcess.start({ interpreter, entry: bridgeFixture('entry.py') }))
    expect(error).toMatchObject({
      code: 'PYTHON_MISSING',
      exitCode: 5,
      message: expect.stringContaining(interpreter),
    })
  })

  test('with an entry that does not load is a broken bridge that tells why', async () => {
    expect(await rejection(startPython('broken.py'))).toMatchObject({
      code: 'BRIDGE_PROTOCOL',
      cause: expect.objectContaining({ stack: expect.stringContaining('this entry cannot be loaded') }),
    })
  })

  test('with an entry that ends Python is PYTHON_DIED at once', async () => {
    const begun = performance.now()
    expect(await rejection(startPython('dies_at_start.py'))).toMatchObject({
      code: 'PYTHON_DIED',
      message: expect.stringContaining('exit code 7'),
    })
    expect(performance.now() - begun).toBeLessThan(2_000)
  })

  test('does not stand in the way of the next start', async () => {
    await rejection(startPython('dies_at_start.py'))
    const python = await PythonProcess.start({ interpreter: systemPython, entry: bridgeFixture('entry.py') })
    expect(await python.call('echo', 1, z.number())).toBe(1)
    await python.dispose()
  })
})
