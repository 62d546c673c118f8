import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Validation } from '../../../../src/domain/table/dataset.js'
import { tableSchema } from '../../../../src/domain/table/schema.js'
import { ChurnOpsError } from '../../../../src/errors.js'
import type { Quarantine } from '../../../../src/usecases/ports/tables.js'
import { type RawCustomer, readRawRows } from '../../../../src/usecases/table/read-raw-rows.js'
import { requireTrainable, validateTable } from '../../../../src/usecases/table/validate.js'
import { tableFolder } from '../../../helpers/table-folder.js'

const schema = tableSchema.parse({
  id: 'id',
  target: { column: 'left' },
  features: [
    { name: 'age', kind: 'number', blank: true },
    { name: 'plan', kind: 'category', values: ['A', 'B'] },
  ],
})

let folder: Awaited<ReturnType<typeof tableFolder>>
beforeEach(async () => {
  folder = await tableFolder()
})
afterEach(() => folder.remove())

/** Keeps in memory what goes to quarantine. */
function memoryQuarantine(): Quarantine & { lines: number[]; ended: string[] } {
  const lines: number[] = []
  const ended: string[] = []
  return {
    lines,
    ended,
    open: () => ({
      write: ({ line }) => void lines.push(line),
      close: async () => {
        ended.push('close')
        return lines.length === 0 ? null : 'quarantine.csv'
      },
      discard: async () => void ended.push('discard'),
    }),
  }
}

async function validate(text: string, targetRequired = true): Promise<Validation> {
  const path = await folder.put('t.csv', text)
  return validateTable(
    { path, schema, targetRequired },
    { quarantine: memoryQuarantine(), onProgress: () => undefined },
  )
}

describe('validateTable', () => {
  it('names invalid records by their ordinal, empty lines not counted', async () => {
    const found = await validate('id,age,plan,left\n1,5,A,Yes\n\n2,x,A,No\n3,5,B,No\n4,5,C,No\n')
    expect(found).toMatchObject({ valid: 2, invalid: 2, invalidRecords: [1, 3], classes: { Yes: 1, No: 1 } })
    expect(found.problems.map(({ line }) => line)).toEqual([4, 6])
    expect(found.header).toEqual(['id', 'age', 'plan', 'left'])
  })

  it('counts labels of valid rows only, and none where the file has no target', async () => {
    expect((await validate('age,plan,left\n5,A,Yes\n5,Z,No\n5,A,\n', false)).classes).toEqual({
      Yes: 1,
      No: 0,
    })
    expect((await validate('age,plan\n5,A\n', false)).classes).toEqual({})
  })

  it('reports progress on a large table', async () => {
    const path = await folder.put('t.csv', `age,plan,left\n${'12345.678,A,Yes\n'.repeat(400_000)}`)
    const seen: number[] = []
    const ports = {
      quarantine: memoryQuarantine(),
      onProgress: ({ done }: { done: number }) => void seen.push(done),
    }
    const found = await validateTable({ path, schema, targetRequired: true }, ports)
    expect(found.valid).toBe(400_000)
    expect(seen.at(-1)).toBe(100)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
  })
})

describe('requireTrainable', () => {
  const refusal = (validation: Validation, maxInvalid = 0): ChurnOpsError => {
    try {
      requireTrainable(validation, maxInvalid)
    } catch (error) {
      if (error instanceof ChurnOpsError) return error
    }
    throw new Error('it was let pass')
  }
  const GOOD = '5,A,Yes\n6,B,No\n'.repeat(5)

  it('lets a good table pass, and a bad one up to the limit', async () => {
    requireTrainable(await validate(`age,plan,left\n${GOOD}`), 0)
    requireTrainable(await validate(`age,plan,left\n${GOOD}x,A,No\n`), 1)
  })

  it('refuses more invalid rows than allowed, with problems and quarantine', async () => {
    const validation = await validate(`age,plan,left\n${GOOD}x,A,No\n1,2\n`)
    const error = refusal(validation, 1)
    expect([error.code, error.exitCode, error.details.problems]).toEqual([
      'DATA_INVALID',
      3,
      validation.problems,
    ])
    expect(error.message).toContain('2 of 12 rows')
    expect(error.message).toContain('line 12, age: "x" is not a number.')
    expect(error.message).toContain('quarantine.csv')
    expect(error.hint).toContain('--max-invalid 2')
  })

  it('refuses a header that does not fit, however many invalid rows are allowed', async () => {
    const error = refusal(await validate(`Age,plan,left\n${GOOD}`), 1_000)
    expect([error.code, error.exitCode]).toEqual(['DATA_HEADER', 3])
    expect(error.message).toContain('the file has "Age", rename it.')
  })

  it('refuses one class and tables without a valid row', async () => {
    expect(refusal(await validate('age,plan,left\n5,A,No\n6,A,No\nx,A,Yes\n'), 1).code).toBe('DATA_ONE_CLASS')
    expect(refusal(await validate('age,plan,left\nx,A,No\n'), 1).code).toBe('DATA_EMPTY')
  })
})

describe('readRawRows', () => {
  it('gives typed features in order, the id apart, labels not looked at', async () => {
    const path = await folder.put('t.csv', 'left,plan,id,age\nwhatever,A,c1, 7 \n,B,,\n,C,c3,1\n')
    const seen: RawCustomer[] = []
    const quarantine = memoryQuarantine()
    const found = await readRawRows({ path, schema }, { quarantine }, (row) => void seen.push(row))
    expect(seen).toEqual([
      { ordinal: 0, line: 2, id: 'c1', values: [7, 'A'] },
      { ordinal: 1, line: 3, id: null, values: [null, 'B'] },
    ])
    expect(found).toMatchObject({ valid: 2, invalid: 1, invalidRecords: [2], quarantine: 'quarantine.csv' })
    expect(quarantine.lines).toEqual([4])
  })

  it('waits for the receiver before it goes on', async () => {
    const path = await folder.put('t.csv', `age,plan\n${'1,A\n'.repeat(50)}`)
    let running = 0
    let most = 0
    const found = await readRawRows({ path, schema }, { quarantine: memoryQuarantine() }, async () => {
      running++
      most = Math.max(most, running)
      await Promise.resolve()
      running--
    })
    expect([most, running, found.valid]).toEqual([1, 0, 50])
  })

  it('hands on what the receiver throws and discards the quarantine', async () => {
    const path = await folder.put('t.csv', 'age,plan\n1,Z\n1,A\n')
    const quarantine = memoryQuarantine()
    const reading = readRawRows({ path, schema }, { quarantine }, () =>
      Promise.reject(new RangeError('mine')),
    )
    await expect(reading).rejects.toThrow(RangeError)
    expect(quarantine.ended).toEqual(['discard'])
  })

  it('gives no row when the header does not fit', async () => {
    const path = await folder.put('t.csv', 'age\n1\n2\n')
    const found = await readRawRows({ path, schema }, { quarantine: memoryQuarantine() }, () =>
      expect.unreachable(),
    )
    expect(found).toMatchObject({ headerValid: false, valid: 0, invalid: 2, invalidRecords: [] })
  })
})
