import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LoggedRow } from '../../../src/domain/serving/logged-row.js'
import { createRequestLog } from '../../../src/files/request-log.js'
import { createRequestLogReader } from '../../../src/files/request-log-reader.js'
import { testPython } from '../../helpers/python.js'

let state: string
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'churn-ops-log-'))
})
afterEach(() => rmSync(state, { recursive: true, force: true }))

const row = (requestId: string): LoggedRow => ({
  time: '2026-11-25T10:00:00.000Z',
  requestId,
  customer: 'Ä"\n1',
  features: { tenure: 3, contract: null },
  probability: 0.1,
  label: 0,
  version: '7',
  source: 'request',
})
const folder = () => join(state, 'requests')
const today = () => `${new Date().toISOString().slice(0, 10)}.jsonl`
const all = async () => {
  const rows = []
  for await (const each of createRequestLogReader(state).read()) rows.push(each)
  return rows
}

test('rows are lines of a file for the user alone, which pandas reads', async () => {
  const log = createRequestLog(state)
  log.append([row('a'), row('b')])
  log.append([row('c')])
  await log.close()
  expect(await all()).toEqual([row('a'), row('b'), row('c')])
  const path = join(folder(), today())
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(folder()).mode & 0o777).toBe(0o700)
  expect(log.state()).toEqual({ ok: true, reason: null, written: 3, dropped: 0 })
  const code = 'import pandas, sys; print(pandas.read_json(sys.argv[1], lines=True).shape)'
  expect(execFileSync(await testPython(), ['-c', code, path], { encoding: 'utf8' }).trim()).toBe('(3, 8)')
})

test('a file that is full is followed by the next one, in order', async () => {
  const log = createRequestLog(state, { fileBytes: 300 })
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    log.append([row(name)])
    await vi.waitFor(() =>
      expect(log.state().written + log.state().dropped).toBeGreaterThan('abcde'.indexOf(name)),
    )
  }
  await log.close()
  expect(readdirSync(folder()).length).toBeGreaterThan(1)
  expect((await all()).map((each) => each?.requestId)).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('two writers at once tear no line', async () => {
  const logs = [createRequestLog(state), createRequestLog(state)]
  for (let at = 0; at < 200; at++) for (const log of logs) log.append([row(`${at}`), row(`${at}`)])
  await Promise.all(logs.map((log) => log.close()))
  const rows = await all()
  expect(rows).toHaveLength(800)
  expect(rows).not.toContain(null)
})

test('a line that a crash tore swallows no other', async () => {
  mkdirSync(folder(), { recursive: true })
  appendFileSync(join(folder(), today()), '{"time":"2026')
  const log = createRequestLog(state)
  log.append([row('a')])
  await log.close()
  expect(await all()).toEqual([null, row('a')])
})

test.runIf(process.platform === 'linux')(
  'a full disk stops the log and nothing else; it goes on when there is room',
  async () => {
    mkdirSync(folder(), { recursive: true })
    symlinkSync('/dev/full', join(folder(), today()))
    const lines: string[] = []
    const log = createRequestLog(state, { restMs: 20, say: (line) => lines.push(line) })
    log.append([row('a')])
    await vi.waitFor(() =>
      expect(log.state()).toMatchObject({ ok: false, reason: 'no space is left', dropped: 1 }),
    )
    log.append([row('b')])
    rmSync(join(folder(), today()))
    await vi.waitFor(() => {
      log.append([row('c')])
      expect(log.state().ok).toBe(true)
    })
    await log.close()
    expect((await all()).at(-1)).toEqual(row('c'))
    expect(lines).toEqual([expect.stringContaining('no space is left'), 'Requests are logged again.'])
  },
)

test('a folder that cannot be one is told', async () => {
  writeFileSync(folder(), 'a file')
  const log = createRequestLog(state)
  log.append([row('a')])
  await vi.waitFor(() => expect(log.state()).toMatchObject({ ok: false, dropped: 1 }))
  await log.close()
})

test('a file that is replaced under a running log is not written to any more', async () => {
  const log = createRequestLog(state)
  log.append([row('a')])
  await vi.waitFor(() => expect(log.state().written).toBe(1))
  const path = join(folder(), today())
  const text = readFileSync(path, 'utf8')
  rmSync(path)
  writeFileSync(path, text.replace('"a"', '"forgotten"'))
  log.append([row('b')])
  await log.close()
  expect((await all()).map((each) => each?.requestId)).toEqual(['forgotten', 'b'])
})

test('rows that come faster than the disk are dropped and counted', async () => {
  const log = createRequestLog(state, { heldCharacters: 10 })
  for (let at = 0; at < 50; at++) log.append([row('a')])
  await log.close()
  const { written, dropped } = log.state()
  expect(dropped).toBeGreaterThan(0)
  expect(written + dropped).toBe(50)
})
