import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openInput } from '../../../src/files/input-file.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'churn-ops-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = (path: string, standardInput = '') =>
  openInput(path, {
    stateFolder: join(folder, '.churn-ops'),
    standardInput: Readable.from([Buffer.from(standardInput)]),
  })

test.each([
  ['\uFEFF  [{"a":1}]', 'json'],
  ['{"instances":[]}', 'json'],
  ['a,b\n1,2\n', 'csv'],
  ['', 'csv'],
])('%j is taken by its content, whatever its name', async (text, kind) => {
  const path = join(folder, 'file.txt')
  writeFileSync(path, text)
  expect((await open(path)).kind).toBe(kind)
})

test('standard input lies in a file while it is read, and its rejected rows belong to the state folder', async () => {
  const input = await open('-', '[{"a":1}]')
  expect(await input.text()).toBe('[{"a":1}]')
  expect(input).toMatchObject({ kind: 'json', name: join(folder, '.churn-ops', 'stdin') })
  await input.dispose()
  expect(existsSync(input.path)).toBe(false)
})

test('a directory and a missing file are told apart', async () => {
  await expect(open(folder)).rejects.toMatchObject({
    code: 'DATA_UNREADABLE',
    message: expect.stringContaining('directory'),
  })
  await expect(open(join(folder, 'x'))).rejects.toMatchObject({
    code: 'DATA_UNREADABLE',
    message: expect.stringContaining('does not exist'),
  })
})
