import { type AskedRows, type Invocation, type RowShape, readTable } from './invocation.js'
import type { KnownColumn } from './model-fit.js'
import type { Scored } from './prediction.js'
import { wholeProblem } from './row-problem.js'

/** A column or an answer in the words of the Open Inference Protocol. */
interface Tensor {
  name: string
  datatype: string
  shape: number[]
}

const OUTPUTS = [
  { name: 'label', datatype: 'INT64' },
  { name: 'probability', datatype: 'FP64' },
  { name: 'threshold', datatype: 'FP64' },
] as const

type OutputName = (typeof OUTPUTS)[number]['name']

const WHOLE = /^U?INT(?:8|16|32|64)$/
const NUMERIC = /^(?:U?INT(?:8|16|32|64)|FP(?:32|64))$/

/** What `v2/models/M` answers. */
export function modelMetadata(
  model: string,
  version: string,
  engine: string,
  columns: readonly KnownColumn[],
): { name: string; versions: string[]; platform: string; inputs: Tensor[]; outputs: Tensor[] } {
  return {
    name: model,
    versions: [version],
    platform: `churn-ops_${engine}`,
    inputs: columns.map((column) => ({ name: column.name, datatype: datatypeOf(column), shape: [-1] })),
    outputs: OUTPUTS.map((output) => ({ ...output, shape: [-1] })),
  }
}

/** The datatype by which a column is announced; a request may use any that holds its values. */
export function datatypeOf({ kind, integer }: KnownColumn): string {
  if (kind !== 'number') return 'BYTES'
  return integer === true ? 'INT64' : 'FP64'
}

/** A request of the protocol: rows as in MLflow's, and which answers are wanted. */
export type Inference =
  | ({ ok: true; id: string | null; outputs: OutputName[] } & AskedRows)
  | Extract<Invocation, { ok: false }>

/** Reads the document of `v2/models/M/infer`: one tensor a column, each of shape [n] or [n, 1]. */
export function readInference(document: unknown, shape: RowShape): Inference {
  const request = objectOf(document)
  if (request === null || !Array.isArray(request.inputs)) return refused('the body needs a list of inputs')
  const tensors = request.inputs.map(objectOf)
  const lists: unknown[][] = []
  for (const [place, tensor] of tensors.entries()) {
    const problem = tensor === null ? 'is no object' : tensorProblem(tensor, shape.columns)
    if (problem !== null) return refused(`input ${place + 1} ${problem}`)
    lists.push((tensor as { data: unknown[] }).data)
  }
  const rows = lists[0]?.length ?? 0
  if (lists.some((list) => list.length !== rows)) return refused('the inputs have different numbers of rows')
  const outputs = outputsOf(request.outputs)
  if (outputs === null) return refused(`outputs are among ${OUTPUTS.map(({ name }) => name).join(', ')}`)
  if (request.id !== undefined && typeof request.id !== 'string') return refused('id is a text')
  const names = tensors.map((tensor) => String(tensor?.name))
  const table = readTable(
    names,
    Array.from({ length: rows }, (_, row) => lists.map((list) => list[row])),
    shape,
  )
  return table.ok ? { ...table, detail: true, id: request.id ?? null, outputs } : table
}

/** The answer to such a request; missing probabilities are null. */
export function inferenceAnswer(
  scored: readonly Scored[],
  about: { model: string; version: string; id: string | null; outputs: readonly OutputName[] },
): object {
  return {
    model_name: about.model,
    model_version: about.version,
    ...(about.id === null ? {} : { id: about.id }),
    outputs: OUTPUTS.filter(({ name }) => about.outputs.includes(name)).map((output) => ({
      ...output,
      shape: [scored.length],
      data: scored.map((each) => each[output.name]),
    })),
  }
}

function tensorProblem(tensor: Record<string, unknown>, columns: readonly KnownColumn[]): string | null {
  const { name, datatype, shape, data } = tensor
  if (typeof name !== 'string' || typeof datatype !== 'string') return 'needs a name and a datatype'
  if (!Array.isArray(data)) return 'needs its data as a flat list'
  const isShaped = Array.isArray(shape) && shape[0] === data.length && (shape.length === 1 || isColumn(shape))
  if (!isShaped) return 'needs the shape [n] or [n, 1] with n values'
  const column = columns.find((each) => each.name === name)
  if (column === undefined || column.kind === null) return null
  if (column.kind === 'category') return datatype === 'BYTES' ? null : 'is a category and needs BYTES'
  if (!NUMERIC.test(datatype)) return `is a number and needs ${datatypeOf(column)}`
  if (WHOLE.test(datatype) && !data.every((value) => value === null || Number.isInteger(value)))
    return `has values that ${NUMERIC.test(datatype) ? 'its datatype' : 'a tensor'} does not hold`
  return null
}

function isColumn(shape: readonly unknown[]): boolean {
  return shape.length === 2 && shape[1] === 1
}

function outputsOf(wanted: unknown): OutputName[] | null {
  const all = OUTPUTS.map(({ name }) => name)
  if (wanted === undefined) return all
  if (!Array.isArray(wanted)) return null
  const names = wanted.map((each) => objectOf(each)?.name)
  return names.every((name) => all.some((known) => known === name)) ? (names as OutputName[]) : null
}

function objectOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

function refused(message: string): Extract<Invocation, { ok: false }> {
  return { ok: false, problems: [wholeProblem(message)] }
}
