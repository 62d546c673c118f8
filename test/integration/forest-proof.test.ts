import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FeatureValue } from '../../src/domain/serving/prediction.js'
import { CompiledForest } from '../../src/serving/forest/compiled-forest.js'
import { readForest } from '../../src/serving/forest/forest-file.js'
import { proofOfFolder } from '../../src/serving/forest/prove.js'
import { type ForestCase, makeForests, tampered } from '../helpers/forests.js'
import { root } from '../helpers/imports.js'

const ANSWERS = 20_000
// More than these small forests have thresholds, so that each is tried.
const MANY = 5_000
const SLOW_MS = 240_000
let folder: string
let cases: ForestCase[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'churn-ops-forests-'))
  const script = pathToFileURL(join(root, 'scripts', 'prove', 'cases.mjs')).href
  const { proofCases } = (await import(script)) as { proofCases: (trees: number) => ForestCase[] }
  cases = proofCases(10)
  const each = 3 * Math.ceil(ANSWERS / cases.length / 3)
  await makeForests(folder, cases, {
    trainRows: 600,
    rows: each / 3,
    adversarialRows: each / 3,
    boundaryRows: MANY,
  })
}, SLOW_MS)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('20,000 answers of forests of every kind are those of scikit-learn to the last bit', async () => {
  const proofs = await Promise.all(cases.map(({ name }) => proofOfFolder(join(folder, name))))
  const found = proofs.map((proof, place) => ({ name: cases[place]?.name, ...counted(proof) }))
  expect(found.filter(({ rows, equal }) => rows !== equal)).toEqual([])
  expect(found.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThanOrEqual(ANSWERS)
})

describe('the proof fails', () => {
  const proofAfter = async (
    change: Parameters<typeof tampered>[2],
  ): Promise<{ rows: number; equal: number }> => {
    const changed = mkdtempSync(join(folder, 'changed-'))
    return counted(await proofOfFolder(tampered(join(folder, 'forest-deep-1'), changed, change)))
  }

  test('when one bit of a leaf share is another', async () => {
    const { rows, equal } = await proofAfter((array) => {
      const leaf = array('codes').indexOf(0)
      const numbers = array('numbers') as Float64Array
      changeBits(numbers, array('places')[leaf] as number, (bits) => bits ^ 1n)
    })
    expect(equal).toBeLessThan(rows)
  })

  // Rows on the threshold or beside it alone can tell.
  test.each([
    ['one bit, to the next float32', (bits: bigint) => bits ^ (1n << 29n)],
    ['the next double below', (bits: bigint) => bits - 1n],
  ])('when any threshold of months, which a row can lie on, is another by %s', async (_, moved) => {
    const places = new Set<number>()
    await proofAfter((array, header) => {
      const columns = header.columns as { name: string; feature: number }[]
      const tenure = columns.find(({ name }) => name === 'tenure')?.feature as number
      for (const [node, code] of array('codes').entries())
        if (code >> 1 === tenure + 1) places.add(array('places')[node] as number)
    })
    expect(places.size).toBeGreaterThan(30)
    for (const place of places) {
      const { rows, equal } = await proofAfter((array) =>
        changeBits(array('numbers') as Float64Array, place, moved),
      )
      expect(equal).toBeLessThan(rows)
    }
  })

  test('when two values of a category are swapped', async () => {
    const { rows, equal } = await proofAfter((_, header) => {
      const columns = header.columns as { name: string; values?: string[] }[]
      columns.find(({ name }) => name === 'Contract')?.values?.reverse()
    })
    expect(equal).toBeLessThan(rows)
  })

  test('when a node looks at another feature, or sends blanks to the other side', async () => {
    const other = await proofAfter((array) => {
      const codes = array('codes')
      codes[0] = ((codes[0] as number) + 2) % 90 || 2
    })
    expect(other.equal).toBeLessThan(other.rows)
    const blanks = await proofAfter((array, header) => {
      const columns = header.columns as { name: string; feature: number }[]
      const charges = columns.find(({ name }) => name === 'MonthlyCharges')?.feature as number
      const codes = array('codes')
      for (const [node, code] of codes.entries()) if (code >> 1 === charges + 1) codes[node] = code ^ 1
    })
    expect(blanks.equal).toBeLessThan(blanks.rows)
  })

  test('when trees are added in another order', async () => {
    const { value } = (await readForest(join(folder, 'forest-leaves-1'))) as { value: never }
    const forest = value as ConstructorParameters<typeof CompiledForest>[0]
    const turned = new CompiledForest({ ...forest, roots: forest.roots.slice().reverse() })
    const straight = new CompiledForest(forest)
    const { rows } = JSON.parse(readFileSync(join(folder, 'forest-leaves-1', 'golden.json'), 'utf8'))
    expect(await turned.score(rows)).not.toEqual(await straight.score(rows))
  })

  test('when a leaf has become a split, so that the right children are others', async () => {
    const { rows } = await proofAfter((array) => {
      const codes = array('codes')
      codes[codes.indexOf(0)] = 4
    })
    expect(rows).toBe(0)
  })
})

test.each([
  ['a cut file', (made: string) => truncateSync(join(made, 'forest.bin'), 1000), 'has 1000 bytes instead of'],
  ['one bit of a file', (made: string) => flipByte(join(made, 'forest.bin')), 'forest.bin was changed'],
  [
    'a header that is none',
    (made: string) => writeFileSync(join(made, 'forest.json'), '{"format":1'),
    'damaged',
  ],
  ['a missing file', (made: string) => rmSync(join(made, 'forest.bin')), 'is missing'],
])('%s is refused with the reason', async (_, damage, reason) => {
  const made = mkdtempSync(join(folder, 'damaged-'))
  tampered(join(folder, 'forest-deep-1'), made, () => undefined)
  expect(await readForest(made)).toHaveProperty('value')
  damage(made)
  expect(await readForest(made)).toEqual({ reason: expect.stringContaining(reason) })
})

test('what scikit-learn refuses is refused, with the column', async () => {
  const read = await readForest(join(folder, 'forest-deep-1'))
  if ('reason' in read) throw new Error(read.reason)
  const engine = new CompiledForest(read.value)
  const row: FeatureValue[] = read.value.columns.map(({ kind }) => (kind === 'number' ? 1 : 'Yes'))
  const tenure = read.value.columns.findIndex(({ name }) => name === 'tenure')
  for (const wrong of [1e39, Number.NaN, Number.POSITIVE_INFINITY, '12']) {
    await expect(engine.score([row, row.with(tenure, wrong)])).rejects.toMatchObject({
      code: 'ENDPOINT_REFUSED',
      message: expect.stringContaining('tenure'),
    })
  }
  await expect(engine.score([row.slice(1)])).rejects.toMatchObject({ code: 'ENDPOINT_REFUSED' })
})

/** A refused forest has proven nothing. */
function counted(proof: Awaited<ReturnType<typeof proofOfFolder>>): { rows: number; equal: number } {
  return 'reason' in proof ? { rows: 0, equal: -1 } : { rows: proof.rows, equal: proof.equal }
}

function changeBits(numbers: Float64Array, place: number, change: (bits: bigint) => bigint): void {
  const bits = new BigUint64Array(numbers.buffer, numbers.byteOffset, numbers.length)
  bits[place] = change(bits[place] as bigint)
}

function flipByte(path: string): void {
  const content = readFileSync(path)
  content[5000] = (content[5000] as number) ^ 1
  writeFileSync(path, content)
}
