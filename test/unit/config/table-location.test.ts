import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tableLocation } from '../../../src/config/paths.js'
import { readSettings } from '../../../src/config/read.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'churn-ops-location-'))
  mkdirSync(join(folder, 'team'))
  const written = { data: 'sqlite:///crm.db', query: 'SELECT 1' }
  writeFileSync(join(folder, 'team', 'churn-ops.json'), JSON.stringify(written))
})
afterAll(() => rmSync(folder, { recursive: true }))

const read = (options: Record<string, unknown>) =>
  readSettings({ config: 'team/churn-ops.json', ...options }, {}, folder)

describe('the location of a table', () => {
  it.each([
    ['customers.csv', '/here/customers.csv'],
    ['/there/customers.parquet', '/there/customers.parquet'],
    ['sqlite:///customers.db', 'sqlite:////here/customers.db'],
    ['sqlite:////there/customers.db', 'sqlite:////there/customers.db'],
    ['sqlite:///a%20b.db', 'sqlite:////here/a b.db'],
    ['sqlite+pysqlite:///c%2520d.db?timeout=5', 'sqlite+pysqlite:////here/c%2520d.db?timeout=5'],
    ['postgresql://host/crm', 'postgresql://host/crm'],
    ['sqlite:///:memory:', 'sqlite:///:memory:'],
  ])('%s is %s', (typed, location) => {
    expect(tableLocation(typed, '/here')).toBe(location)
  })

  it('is in the current folder, whatever its name', () => {
    expect(tableLocation('sqlite:///crm.db', '/a%20b?')).toBe('sqlite:////a%2520b%3F/crm.db')
    expect(tableLocation('crm.csv', '/a%20b?')).toBe('/a%20b?/crm.csv')
  })

  it('is relative to the file that names it', async () => {
    expect(await read({})).toMatchObject({ data: `sqlite:///${folder}/team/crm.db`, query: 'SELECT 1' })
  })
})

describe('the query of the settings', () => {
  it('goes with a database on the command line, never with a file', async () => {
    expect(await read({ data: 'postgresql://host/crm' })).toMatchObject({ query: 'SELECT 1' })
    expect(await read({ file: 'sqlite:///other.db' })).toMatchObject({ query: 'SELECT 1' })
    expect(await read({ data: 'customers.csv' })).toMatchObject({ query: null })
    expect(await read({ file: 'customers.csv' })).toMatchObject({ query: null })
  })

  it('gives way to --query', async () => {
    expect(await read({ query: 'SELECT 2' })).toMatchObject({ query: 'SELECT 2' })
  })

  it('cannot stand alone on the command line', async () => {
    await expect(readSettings({ query: 'SELECT 2' }, {}, folder)).rejects.toMatchObject({ code: 'USAGE' })
  })
})
