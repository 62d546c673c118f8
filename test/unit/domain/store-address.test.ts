import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { pathComplaint, sqliteAddress, sqliteFile } from '../../../src/domain/store-address.js'

// The tests of the Python half read the same pairs.
const PAIRS: [string, string][] = JSON.parse(
  readFileSync(new URL('../../fixtures/awkward-folders.json', import.meta.url), 'utf8'),
)

it.each(PAIRS)('%j has the address %j and back', (path, address) => {
  expect(sqliteAddress(path)).toBe(address)
  expect(sqliteFile(address)).toBe(path)
})

it('never gives two paths one address', () => {
  const characters = ['%', '?', '2', '5', '3', 'F', 'a', '#']
  const paths = characters.flatMap((a) =>
    characters.flatMap((b) => characters.flatMap((c) => characters.map((d) => `/${a}${b}${c}${d}`))),
  )
  for (const path of paths) expect(sqliteFile(sqliteAddress(path))).toBe(path)
  expect(new Set(paths.map(sqliteAddress)).size).toBe(paths.length)
})

it('reads what users write as SQLAlchemy does', () => {
  expect(sqliteFile('sqlite:///x%20y.db')).toBe('x y.db')
  expect(sqliteFile('sqlite:///fa%C3%A7ade.db')).toBe('façade.db')
  expect(sqliteFile('sqlite:///20%.db')).toBe('20%.db')
  expect(sqliteFile('postgresql://host/db')).toBeNull()
})

it('names what no file or no URL can hold', () => {
  expect(pathComplaint('/p/a b')).toBeNull()
  expect(pathComplaint('/p/a\u0000b')).toContain('NUL')
  expect(pathComplaint(sqliteFile('sqlite:////p/%E9.db') ?? '')).toContain('not UTF-8 text')
})
