import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CsvRecord, readRows } from '../../../src/csv/read-rows.js'
import { ChurnOpsError } from '../../../src/errors.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'churn-ops-csv-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function read(content: string | Buffer): Promise<{ records: CsvRecord[]; sha256: string }> {
  const path = join(folder, 'file.csv')
  await writeFile(path, content)
  const records: CsvRecord[] = []
  const sha256 = await readRows(path, (batch) => void records.push(...batch))
  return { records, sha256 }
}

async function refusal(content: string | Buffer): Promise<ChurnOpsError> {
  const error: unknown = await read(content).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ChurnOpsError)
  return error as ChurnOpsError
}

const fieldsOf = (records: CsvRecord[]): string[][] => records.map((record) => record.fields)
const linesOf = (records: CsvRecord[]): number[] => records.map((record) => record.line)

describe('records', () => {
  it.each([
    ['LF', 'a,b\n1,2\n3,4\n'],
    ['no last line end', 'a,b\n1,2\n3,4'],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['CR', 'a,b\r1,2\r3,4\r'],
    ['mixed line ends', 'a,b\r\n1,2\n3,4\r'],
    ['a byte order mark', '\ufeffa,b\n1,2\n3,4\n'],
    ['quotes', '"a","b"\n"1",2\n3,"4"\n'],
  ])('are the same with %s', async (_, text) => {
    const { records } = await read(text)
    expect(fieldsOf(records)).toEqual([
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
    ])
    expect(linesOf(records)).toEqual([1, 2, 3])
  })

  it('keep quoted commas, quotes, line breaks and blanks as they are', async () => {
    const { records } = await read('a,b\n"1,5"," ""x"""\n"p\r\nq", \n')
    expect(fieldsOf(records)).toEqual([
      ['a', 'b'],
      ['1,5', ' "x"'],
      ['p\r\nq', ' '],
    ])
  })

  it('know the line where they start, behind empty lines and line breaks in quotes', async () => {
    const { records } = await read('\n\na,b\n1,"x\r\ny\r\n"\n\r\n2,"\n"\n""\n3,4\n')
    expect(fieldsOf(records).map((fields) => fields[0])).toEqual(['a', '1', '2', '', '3'])
    expect(linesOf(records)).toEqual([3, 4, 8, 10, 11])
  })

  it('may be ragged; a line of blanks is a record and an empty one is none', async () => {
    const { records } = await read('a,b\n1\n1,2,3\n  \n\n,\n')
    expect(fieldsOf(records)).toEqual([['a', 'b'], ['1'], ['1', '2', '3'], ['  '], ['', '']])
  })

  it('do not depend on where chunks end', async () => {
    const row = 'é,"日本\r\n語"\r\n'
    const { records, sha256 } = await read(`n,t\r\n${row.repeat(60_000)}`)
    expect(records).toHaveLength(60_001)
    expect(records.slice(1).every(({ fields }) => fields[0] === 'é' && fields[1] === '日本\r\n語')).toBe(true)
    expect(records.at(-1)?.line).toBe(120_000)
    expect(sha256).toBe(
      createHash('sha256')
        .update(`n,t\r\n${row.repeat(60_000)}`)
        .digest('hex'),
    )
  })
})

describe('broken quotes', () => {
  it.each([
    ['never closed', 'a,b\n1,2\n3,"4\n5,6\n', 3, 'never closed'],
    ['text behind a closing one', 'a,b\n"1"x,2\n', 2, 'after a closing quote'],
    ['a quote inside a plain field', 'a,b\n\n1,2\n5" pipe,2\n', 4, 'a quote inside an unquoted field'],
    ['a record beyond every measure', `a,b\n1,"${'x\n'.repeat(70_000)}`, 2, 'longer than 128 KiB'],
  ])('end the reading with the line: %s', async (_, text, line, words) => {
    const error = await refusal(text)
    expect([error.code, error.exitCode]).toEqual(['DATA_INVALID', 3])
    expect(error.message).toContain(`line ${line}`)
    expect(error.message).toContain(words)
    expect(error.details.problems).toEqual([expect.objectContaining({ line })])
  })
})

describe('text that is not UTF-8', () => {
  it.each([
    ['UTF-16 with a mark', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'), 'UTF-16', 1],
    ['UTF-16 without one', Buffer.from('a,b\n1,2\n', 'utf16le'), 'UTF-16', 1],
    ['Latin-1', Buffer.from('a,b\n1,2\ncafé,2\n', 'latin1'), 'byte 11 (0xe9)', 3],
    ['Latin-1 in the last byte', Buffer.from('a,b\n1,é', 'latin1'), 'byte 6 (0xe9)', 2],
    ['a workbook', Buffer.from('PK\u0003\u0004rest'), 'Excel', 1],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), 'gzip', 1],
  ])('is refused and named: %s', async (_, content, words, line) => {
    const error = await refusal(content)
    expect([error.code, error.exitCode]).toEqual(['DATA_ENCODING', 3])
    expect(error.message).toContain(words)
    expect(error.message).toContain(`line ${line}`)
  })

  it('is found behind the first chunk too', async () => {
    const good = Buffer.from('é,2\n'.repeat(100_000))
    const error = await refusal(Buffer.concat([good, Buffer.from([0xe9, 0x0a])]))
    expect(error.message).toContain(`line 100001: byte ${good.length}`)
  })
})

describe('what is no readable file', () => {
  const codeFor = (path: string): Promise<unknown> =>
    readRows(path, () => undefined).then(
      () => null,
      (error: ChurnOpsError) => [error.code, error.message],
    )

  it('is named: missing, a directory, a device', async () => {
    expect(await codeFor(join(folder, 'none.csv'))).toEqual([
      'DATA_UNREADABLE',
      expect.stringContaining('does not exist'),
    ])
    expect(await codeFor(folder)).toEqual(['DATA_UNREADABLE', expect.stringContaining('is a directory')])
    expect(await codeFor('/dev/null')).toEqual([
      'DATA_UNREADABLE',
      expect.stringContaining('not a regular file'),
    ])
  })
})

it('hands an error of the receiver on and closes the file', async () => {
  const path = join(folder, 'receiver.csv')
  await writeFile(path, 'a\n1\n')
  const reading = readRows(path, () => {
    throw new RangeError('mine')
  })
  await expect(reading).rejects.toThrow(RangeError)
})
