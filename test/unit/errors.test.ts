import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ChurnOpsError, ERROR_TABLE, EXIT, isErrorCode } from '../../src/errors.js'
import { readTree, root } from '../helpers/imports.js'

const page = readFileSync(join(root, 'docs', 'errors.md'), 'utf8')
const advice = JSON.parse(readFileSync(join(root, 'docs', 'errors-advice.json'), 'utf8')) as Record<
  string,
  string
>

const cells = [...page.matchAll(/^\| `([A-Z_]+)` \| ([\d, ]+) \| (.+?) \| (.+?) \|$/gm)]
const documented = cells.map(([, code, exit, meaning]) => ({ code, exit, meaning }))

test('docs/errors.md holds the error table, code by code, in its order', () => {
  const table = Object.entries(ERROR_TABLE).map(([code, { exit, meaning }]) => ({
    code,
    exit: code === 'INTERRUPTED' ? '130, 143' : String(exit),
    meaning,
  }))
  expect(documented).toEqual(table)
})

test('docs/errors.md is what its script makes', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'scripts', 'make-errors-page.mjs'), '--check'],
    {
      encoding: 'utf8',
    },
  )
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test('every code has advice, and no advice is left of a code that went', () => {
  expect(Object.keys(advice).sort()).toEqual(Object.keys(ERROR_TABLE).sort())
})

test('every code is raised somewhere in src or python', () => {
  const text = [
    ...readTree('src', '.ts').filter(({ path }) => path !== 'errors.ts'),
    ...readTree('python', '.py'),
  ]
    .map((file) => file.text)
    .join('\n')
  const unused = Object.keys(ERROR_TABLE).filter((code) => !new RegExp(`['"]${code}['"]`).test(text))
  expect(unused).toEqual([])
})

test('Python raises no code that the table lacks', () => {
  const raised = readTree('python/churn_ops', '.py').flatMap(({ text }) =>
    [...text.matchAll(/ChurnOpsError\(\s*"([A-Z_]+)"/g)].map(([, code]) => String(code)),
  )
  expect(raised.length).toBeGreaterThan(0)
  expect(raised.filter((code) => !isErrorCode(code))).toEqual([])
})

test('an error carries its code, hint, details, cause and exit code', () => {
  const cause = new Error('below')
  const error = new ChurnOpsError('BUSY', { message: 'Busy.', hint: 'Wait.', details: { pid: 7 }, cause })
  expect(error).toMatchObject({ code: 'BUSY', message: 'Busy.', hint: 'Wait.', details: { pid: 7 }, cause })
  expect(error.exitCode).toBe(EXIT.busy)
  expect(new ChurnOpsError('BUG', { message: 'x', hint: 'y' }).details).toEqual({})
})

test('a name that every object has is no error code', () => {
  expect(['toString', '__proto__', 'constructor', ''].filter(isErrorCode)).toEqual([])
  expect(isErrorCode('BUSY')).toBe(true)
})
