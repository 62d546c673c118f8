import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createServeRecords } from '../../../src/files/serve-record.js'

let folder: string
const record = {
  url: 'http://127.0.0.1:8000',
  version: '7',
  model: 'churn',
  pid: process.pid,
  startedAt: '2026-01-01T00:00:00.000Z',
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'churn-ops-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a record is found by every local name of its URL, by other processes too', async () => {
  await createServeRecords(folder).write(record)
  const other = createServeRecords(folder)
  expect(await other.find('http://127.0.0.1:8000')).toEqual(record)
  expect(await other.find('http://localhost:8000')).toEqual(record)
  expect(await other.find('http://10.1.2.3:8000')).toBeNull()
  expect(await other.find('http://127.0.0.1:8001')).toBeNull()
})

test('the record of a server that was killed is not believed', async () => {
  await createServeRecords(folder).write({ ...record, pid: 2 ** 22 + 1 })
  expect(await createServeRecords(folder).find(record.url)).toBeNull()
})

test('only the process that wrote a record removes it', async () => {
  const writer = createServeRecords(folder)
  await writer.write(record)
  await createServeRecords(folder).dispose()
  expect(readdirSync(folder)).toEqual(['serve-8000.json'])
  await writer.dispose()
  expect(readdirSync(folder)).toEqual([])
})
