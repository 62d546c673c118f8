import { describe, expect, it } from 'vitest'
import { dataSource, isDatabaseUrl, withoutCredentials } from '../../../../src/domain/table/data-source.js'
import { ChurnOpsError } from '../../../../src/errors.js'

const QUERY = 'SELECT * FROM customers'

function refusal(location: string, query: string | null = QUERY): ChurnOpsError {
  try {
    dataSource(location, query)
  } catch (error) {
    if (error instanceof ChurnOpsError) return error
  }
  throw new Error(`${location} was not refused`)
}

describe('a location', () => {
  it.each([
    ['/data/customers.csv', 'csv'],
    ['/data/customers', 'csv'],
    ['/data/customers.parquet', 'parquet'],
    ['/data/CUSTOMERS.PQ', 'parquet'],
    ['/data/a.parquet/customers.csv', 'csv'],
  ] as const)('that is the path %s names a %s file', (path, kind) => {
    expect(dataSource(path, null)).toEqual({ kind, path })
  })

  it.each([
    'sqlite:////data/customers.db',
    'postgresql+psycopg://db.example:5432/crm?sslmode=require',
    'postgresql://alice@db.example/crm',
    'mssql+pyodbc://server/crm',
  ])('that is the URL %s names a database', (url) => {
    expect(isDatabaseUrl(url)).toBe(true)
    expect(dataSource(url, QUERY)).toEqual({ kind: 'sql', url, query: QUERY })
  })

  it('needs a query when it is a database, and takes none when it is a file', () => {
    expect(refusal('sqlite:////data/customers.db', null)).toMatchObject({ code: 'USAGE', exitCode: 2 })
    expect(refusal('/data/customers.csv').message).toContain('/data/customers.csv')
  })

  it.each([
    'https://host/customers.csv',
    's3://bucket/customers.parquet',
    'sqlite://',
    'sqlite:customers.db',
    'sqlite:///:memory:',
  ])('%s names no database', (url) => expect(refusal(url).code).toBe('URL_INVALID'))
})

describe('a password', () => {
  it.each([
    'postgresql://alice:s3same@db.example/crm',
    'postgresql+psycopg://alice:s3s/ame?x@db.example/crm',
    'postgresql://:s3same@db.example/crm',
    'postgresql://db.example/crm?user=alice&password=s3same',
    'mssql://db.example/crm?PWD=s3same',
  ])('in %s is refused and not repeated', (url) => {
    const error = refusal(url)
    expect(error.code).toBe('USAGE')
    expect(error.hint).toContain('CHURN_OPS_DATABASE_PASSWORD')
    expect(`${error.message} ${error.hint} ${JSON.stringify(error.details)}`).not.toMatch(/s3s|alice/)
  })

  it('is no port, and a shown URL has no user and no parameters', () => {
    expect(dataSource('postgresql://db.example:5432/crm', QUERY).kind).toBe('sql')
    expect(withoutCredentials('postgresql://alice@db.example:5432/crm?sslmode=require')).toBe(
      'postgresql://db.example:5432/crm',
    )
  })
})

describe('a query', () => {
  const url = 'sqlite:////data/customers.db'

  it.each([
    'SELECT 1',
    '  select 1 ;  ',
    "WITH recent AS (SELECT ';' AS x) SELECT * FROM recent",
    '(SELECT 1) UNION (SELECT 2)',
    '-- the customers; all of them\nSELECT 1',
    'SELECT "a;b" FROM t /* ; */',
  ])('may be %s', (query) => {
    expect(dataSource(url, query).kind).toBe('sql')
  })

  it('loses the semicolon at its end', () => {
    expect(dataSource(url, ' SELECT 1 ; ')).toEqual({ kind: 'sql', url, query: 'SELECT 1 ' })
  })

  it.each([
    'DELETE FROM t',
    'SELECT 1; DROP TABLE t',
    "SELECT ''; DROP TABLE t",
    'selection',
    '',
    '; SELECT 1',
  ])('may not be %s', (query) => expect(refusal(url, query).code).toBe('USAGE'))
})
