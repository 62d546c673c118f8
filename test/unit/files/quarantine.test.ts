import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Problem } from '../../../src/domain/table/dataset.js'
import { ChurnOpsError } from '../../../src/errors.js'
import { createQuarantine } from '../../../src/files/quarantine.js'

let root = ''
let data = ''
let state = ''
let input = ''

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'churn-ops-quarantine-'))
  data = join(root, 'data')
  state = join(root, 'state')
  input = join(data, 'customers.csv')
  await mkdir(data)
})
afterEach(() => rm(root, { recursive: true, force: true }))

const problem = (message: string, column: string | null = 'a'): Problem => ({
  line: 2,
  column,
  value: '',
  message,
})

async function writeOne(fields: string[], header = ['a', 'b']): Promise<string> {
  const file = createQuarantine(state).open(input, header)
  file.write({ fields, line: 2, problems: [problem('is wrong'), problem('has 1 field', null)] })
  return String(await file.close())
}

describe('the file', () => {
  it('lies beside the input and holds its columns, the line and the problems', async () => {
    const path = await writeOne(['1', 'x'])
    expect(path).toBe(join(data, 'customers.quarantine.csv'))
    expect(await readFile(path, 'utf8')).toBe('a,b,line,problems\n1,x,2,a: is wrong; has 1 field\n')
    expect(await readdir(data)).toEqual(['customers.quarantine.csv'])
  })

  it('keeps every field of a ragged row', async () => {
    expect(await readFile(await writeOne(['1']), 'utf8')).toContain('\n1,,2,')
    expect(await readFile(await writeOne(['1', '2', '3', '4']), 'utf8')).toContain('\n1,"2,3,4",2,')
  })

  it('quotes separators and disarms formulas, but not numbers', async () => {
    const cells = [
      '=1+1',
      '+cmd',
      '-2+3',
      '@x',
      '\tx',
      '\rx',
      '\u0000x',
      '-1.5',
      '+2e3',
      'a"b',
      'c,d',
      'e\nf',
    ]
    const text = await readFile(await writeOne(cells, cells), 'utf8')
    const row = `'=1+1,'+cmd,'-2+3,'@x,'\tx,"'\rx",'\u0000x,-1.5,+2e3,"a""b","c,d","e\nf"`
    expect(text).toBe(`${row},line,problems\n${row},2,a: is wrong; has 1 field\n`)
  })

  it('holds more rows than are buffered, in order', async () => {
    const file = createQuarantine(state).open(input, ['a'])
    for (let line = 2; line < 20_002; line++)
      file.write({ fields: [`v${line}`], line, problems: [problem('is wrong')] })
    const lines = (await readFile(String(await file.close()), 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(20_001)
    expect([lines[1], lines.at(-1)]).toEqual(['v2,2,a: is wrong', 'v20001,20001,a: is wrong'])
  })
})

describe('names of the input like ours', () => {
  it('keep their own, and the file is known again for ours', async () => {
    const header = ['line', 'problems', 'two\nlines', 'a"b']
    const path = await writeOne(['1', '2', '3', '4'], header)
    expect(await readFile(path, 'utf8')).toMatch(
      /,"a""b",line \(churn-ops\),problems \(churn-ops\)\n1,2,3,4,2,/,
    )
    expect(await writeOne(['1', '2', '3', '4'], header)).toBe(path)
    expect(await createQuarantine(state).open(input, header).close()).toBeNull()
    expect(await readdir(data)).toEqual([])
  })
})

describe('what is left behind', () => {
  it('is nothing when no row was invalid; an older quarantine goes, a foreign file stays', async () => {
    await writeOne(['1', 'x'])
    expect(await createQuarantine(state).open(input, ['a']).close()).toBeNull()
    expect(await readdir(data)).toEqual([])
    await writeFile(join(data, 'customers.quarantine.csv'), 'mine\n')
    expect(await createQuarantine(state).open(input, ['a']).close()).toBeNull()
    expect(await readdir(data)).toEqual(['customers.quarantine.csv'])
  })

  it('is nothing after a discard', async () => {
    const file = createQuarantine(state).open(input, ['a'])
    file.write({ fields: ['1'], line: 2, problems: [problem('is wrong')] })
    expect(await readdir(data)).toHaveLength(1)
    await file.discard()
    await file.discard()
    expect(await readdir(data)).toEqual([])
  })
})

describe('the other place', () => {
  it('is taken when a foreign file has the name, which is never overwritten', async () => {
    const foreign = join(data, 'customers.quarantine.csv')
    await writeFile(foreign, 'mine\n')
    const path = await writeOne(['1', 'x'])
    expect(path).toMatch(/state\/quarantine\/customers-[0-9a-f]{8}\.quarantine\.csv$/)
    expect(await readFile(foreign, 'utf8')).toBe('mine\n')
  })

  it('is taken when the folder of the input cannot be written', async () => {
    await mkdir(state)
    const path = await asOrdinaryUser([root, state], () => writeOne(['1', 'x']))
    expect(path.startsWith(join(state, 'quarantine'))).toBe(true)
    expect(await readdir(data)).toEqual([])
  })

  it('cannot be made either: the rows are not dropped in silence', async () => {
    await mkdir(join(data, 'customers.quarantine.csv'))
    await writeFile(state, 'a file, not a folder')
    const file = createQuarantine(state).open(input, ['a'])
    const write = (): void => file.write({ fields: ['1'], line: 2, problems: [problem('is wrong')] })
    expect(write).toThrow(ChurnOpsError)
    expect(write).toThrow(expect.objectContaining({ code: 'NOT_WRITABLE', exitCode: 5 }))
  })
})

// Permissions do not hold root back, so as root the work is done as nobody.
async function asOrdinaryUser<T>(open: string[], work: () => Promise<T>): Promise<T> {
  for (const path of open) await chmod(path, 0o777)
  await chmod(data, 0o555)
  const root = process.getuid?.() === 0
  if (root) process.seteuid?.(65_534)
  try {
    return await work()
  } finally {
    if (root) process.seteuid?.(0)
    await chmod(data, 0o755)
  }
}
