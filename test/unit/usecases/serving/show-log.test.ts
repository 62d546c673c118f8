import { expect, test } from 'vitest'
import { momentFrom } from '../../../../src/domain/serving/log-moment.js'
import type { LoggedRow } from '../../../../src/domain/serving/logged-row.js'
import { loggedRowCsv, loggedRowHeader } from '../../../../src/domain/serving/logged-row-csv.js'
import { showLog } from '../../../../src/usecases/serving/show-log.js'

const row = (day: number, source = 'request'): LoggedRow => ({
  time: `2026-11-0${day}T00:00:00.000Z`,
  requestId: `r${day}`,
  customer: '=1+1',
  features: { tenure: day, contract: 'a "year", or so' },
  probability: 0.5,
  label: 1,
  version: '7',
  source,
})
const reader = {
  folder: '/requests',
  async *read() {
    yield* [row(1), row(2, 'monitor'), null, row(3), row(4)]
  },
}
const all = { limit: 20, source: null, since: null }

test('the last rows are shown, and all that were asked for are counted and exported', async () => {
  const written: LoggedRow[] = []
  const output = {
    write: (rows: readonly LoggedRow[]) => void written.push(...rows),
    commit: () => '/out.jsonl',
    discard: () => undefined,
  }
  const since = new Date('2026-11-01T12:00:00Z')
  expect(await showLog({ limit: 1, source: 'request', since }, reader, output)).toEqual({
    rows: [row(4)],
    total: 2,
    unreadable: 1,
    folder: '/requests',
    path: '/out.jsonl',
  })
  expect(written).toEqual([row(3), row(4)])
  expect(await showLog(all, reader, null)).toMatchObject({ total: 4, path: null })
})

test('a limit and a moment that are none are refused', async () => {
  await expect(showLog({ ...all, limit: 1.5 }, reader, null)).rejects.toMatchObject({ code: 'USAGE' })
  for (const written of ['yesterday', '1', '2026-13-01'])
    expect(() => momentFrom(written)).toThrow(expect.objectContaining({ code: 'USAGE' }))
  expect(momentFrom('2026-11-20T08:00:00Z').toISOString()).toBe('2026-11-20T08:00:00.000Z')
})

test('a row of the table cannot be taken for a formula', () => {
  expect(loggedRowHeader(['tenure', 'contract'])).toBe(
    'time,requestId,customer,probability,label,version,source,tenure,contract',
  )
  expect(loggedRowCsv(row(1), ['tenure', 'contract'])).toMatch(
    /,'=1\+1,0\.5,1,7,request,1,"a ""year"", or so"$/,
  )
})
