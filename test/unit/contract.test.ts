import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { askPython } from '../../src/bridge/ask-python.js'
import type { CallPython } from '../../src/bridge/python-process.js'
import { root } from '../helpers/imports.js'

test('contract.py is what make-contract makes of src/contract', async () => {
  const script = pathToFileURL(join(root, 'scripts', 'python-contract.mjs')).href
  const { pythonContract } = (await import(script)) as { pythonContract: () => Promise<string> }
  const written = readFileSync(join(root, 'python', 'churn_ops', 'contract.py'), 'utf8')
  expect(written, 'run: npm run build && node scripts/make-contract.mjs').toBe(await pythonContract())
})

/** Takes what would cross the wire. */
function recorder(): { crossed: unknown[]; call: CallPython } {
  const crossed: unknown[] = []
  const call: CallPython = async (_method, payload, shape) => {
    crossed.push(payload)
    return shape.parse({ folder: null, notes: [] })
  }
  return { crossed, call }
}

const store = { trackingUri: 'sqlite:////t.db', model: 'M' }

test('a request crosses with the fields of the contract and no others', async () => {
  const { crossed, call } = recorder()
  const request = { store: { ...store, secret: 's' }, version: '1', allowPickle: null, more: 1 }
  await askPython(call)('registry.verify', request)
  expect(crossed).toEqual([{ store, version: '1', allowPickle: null }])
})

test('a request of another shape does not cross', async () => {
  const { crossed, call } = recorder()
  const request = { store, version: 7 as unknown as string, allowPickle: null }
  await expect(askPython(call)('registry.verify', request)).rejects.toMatchObject({
    code: 'BRIDGE_PROTOCOL',
    details: { problems: [expect.stringContaining('version')] },
  })
  expect(crossed).toEqual([])
})
