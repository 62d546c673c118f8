import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ForestModule, ForestProof } from '../../usecases/ports/compiled-forest.js'
import type { Forest, ForestColumn } from './forest.js'

/** Built files that import nothing, in the order in which they use each other. */
const PARTS = ['forest.js', 'encode-row.js', 'walk.js']

/** Whose module it is. */
export interface ModuleOf {
  model: string
  version: string
  proof: ForestProof
  forest: Forest & { sha256: string }
}

/**
 * Writes a kept forest as one ES module without any import, and its types.
 *
 * @param codeFolder the built form of this folder
 */
export async function moduleOf(folder: string, codeFolder: string, about: ModuleOf): Promise<ForestModule> {
  const [header, golden] = await Promise.all(
    ['forest.json', 'golden.json'].map((name) => readFile(join(folder, name), 'utf8')),
  )
  const binary = await readFile(join(folder, 'forest.bin'), 'base64')
  const parts = await Promise.all(PARTS.map((name) => readFile(join(codeFolder, name), 'utf8')))
  const { model, version, proof, forest } = about
  const facts = {
    name: model,
    version,
    manifestSha256: forest.manifestSha256,
    forestSha256: forest.sha256,
    proof,
    threshold: forest.threshold,
    columns: forest.columns.map((column) => ({
      name: column.name,
      kind: column.kind,
      values: column.kind === 'number' ? null : column.values,
    })),
  }
  const code = [
    '// Made by `churn-ops export`; it imports nothing and runs in Node.js, browsers and workers.',
    `// ${proof.equal} of ${proof.rows} compared answers are those of scikit-learn to the last bit.`,
    `export const model = ${JSON.stringify(facts)}`,
    `const HEADER = ${header}`,
    `const GOLDEN = ${golden}`,
    `const BINARY = '${binary}'`,
    ...parts.map(bare),
    ANSWERS,
  ]
  return { code: `${code.join('\n')}\n`, types: typesOf(forest.columns) }
}

function bare(code: string): string {
  return code
    .replace(/^import .*\n/gm, '')
    .replace(/^export (?=function|const|class)/gm, '')
    .trim()
}

const ANSWERS = `
const BLOCK = 256
const forest = read()
const encoder = createRowEncoder(forest)
const ranks = new Int32Array(BLOCK * forest.width)

export function score(customer) {
  return scoreAll([customer])[0]
}

export function scoreAll(customers) {
  const rows = customers.map((customer) => forest.columns.map(({ name }) => valueOf(customer, name)))
  return probabilities(rows).map(answer)
}

export function check() {
  const found = probabilities(GOLDEN.rows).map(answer)
  return found.every(
    ({ probability, label }, row) => Object.is(probability, GOLDEN.probabilities[row]) && label === GOLDEN.labels[row],
  )
}

function answer(probability) {
  return { label: probability >= forest.threshold ? 1 : 0, probability, threshold: forest.threshold }
}

function valueOf(customer, name) {
  if (!Object.hasOwn(customer, name)) throw new RangeError(\`The column \${name} is missing; what is not known is null\`)
  const value = customer[name]
  return typeof value === 'string' && value.trim() === '' ? null : value
}

function probabilities(rows) {
  const found = []
  for (let start = 0; start < rows.length; start += BLOCK) {
    const some = rows.slice(start, start + BLOCK)
    some.forEach((row, place) => encoder.encode(row, ranks, place * forest.width))
    const totals = new Float64Array(some.length)
    if (some.length === 1) totals[0] = sumOfShares(forest, ranks)
    else addShares(forest, ranks, totals, some.length)
    for (const total of totals) found.push(total / forest.roots.length)
  }
  return found
}

function read() {
  const bytes = Uint8Array.from(atob(BINARY), (character) => character.charCodeAt(0))
  const views = { float64: Float64Array, uint32: Uint32Array, uint16: Uint16Array }
  const arrays = {}
  for (const [name, { type, offset, length }] of Object.entries(HEADER.arrays))
    arrays[name] = new views[type](bytes.buffer, offset, length)
  const laidOut = layOut(HEADER, arrays)
  if (laidOut.reason !== undefined) throw new Error(\`The forest is damaged: \${laidOut.reason}\`)
  return laidOut.value
}
`.trim()

function typesOf(columns: readonly ForestColumn[]): string {
  const fields = columns.map((column) => `  ${JSON.stringify(column.name)}: ${typeOf(column)}`)
  return `/** What is known of a customer; null for what is not known. */
export interface Customer {
${fields.join('\n')}
}

export interface Answer {
  /** 1 when the probability is at least the threshold. */
  label: 0 | 1
  probability: number
  threshold: number
}

export declare const model: {
  name: string
  version: string
  /** Of the version's files, and of the forest that was made of them. */
  manifestSha256: string
  forestSha256: string
  /** Answers that were compared with scikit-learn's, and those that were the same to the last bit. */
  proof: { rows: number; equal: number }
  threshold: number
  columns: { name: string; kind: 'number' | 'category'; values: (string | null)[] | null }[]
}

/** Scores one customer; a RangeError tells a column that is missing or has a value of another kind. */
export declare function score(customer: Customer): Answer

/** Scores customers in order. */
export declare function scoreAll(customers: readonly Customer[]): Answer[]

/** Whether made-up customers get the very answers of scikit-learn here too. */
export declare function check(): boolean
`
}

function typeOf(column: ForestColumn): string {
  if (column.kind === 'number') return 'number | null'
  const known = column.values.filter((value) => value !== null).map((value) => JSON.stringify(value))
  return [...known, '(string & {})', 'null'].join(' | ')
}
