import type { KnownColumn } from './model-fit.js'
import { type RowProblem, SHOWN_PROBLEMS, wholeProblem } from './row-problem.js'

/** What a request asks: rows in the order of the model's columns, not checked yet. */
export interface AskedRows {
  rows: unknown[][]
  /** The customers' ids, where a column of that name came with the rows. */
  customers: (string | null)[]
  /** Whether more than labels is wanted. */
  detail: boolean
}

export type Invocation = ({ ok: true } & AskedRows) | { ok: false; problems: RowProblem[] }

/** What rows are read by. */
export interface RowShape {
  columns: readonly KnownColumn[]
  /** Name of the id column; null when there is none. */
  id: string | null
}

export const INVOCATION_SHAPES = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const

/** Reads the document of MLflow's `/invocations`, in any of its four shapes. Columns that the model does not know are left out. */
export function readInvocation(document: unknown, shape: RowShape): Invocation {
  if (!isObject(document))
    return refused(`the body is not an object with one of ${INVOCATION_SHAPES.join(', ')}`)
  const given = INVOCATION_SHAPES.filter((name) => Object.hasOwn(document, name))
  const [name] = given
  if (name === undefined || given.length > 1)
    return refused(`the body needs exactly one of ${INVOCATION_SHAPES.join(', ')}`)
  const detail = detailOf(document.params)
  if (detail === null) return refused('params is an object that knows only detail, which is true or false')
  const rows = rowsOf(name, document[name], shape)
  return rows.ok ? { ...rows, detail } : rows
}

/** Reads rows that stand as lists beside the names of their columns. */
export function readTable(
  names: readonly string[],
  lines: readonly (readonly unknown[])[],
  { columns, id }: RowShape,
): Invocation {
  if (new Set(names).size < names.length) return refused('a column is named twice')
  const places = columns.map((column) => names.indexOf(column.name))
  const missing = columns.filter(({ required }, at) => required && places[at] === -1)
  if (missing.length > 0) return absent(missing)
  const uneven = lines.findIndex((line) => line.length !== names.length)
  if (uneven >= 0) {
    const message = `has ${lines[uneven]?.length} values for ${names.length} columns`
    return { ok: false, problems: [{ row: uneven + 1, column: null, message }] }
  }
  const idPlace = id === null ? -1 : names.indexOf(id)
  return {
    ok: true,
    rows: lines.map((line) => places.map((place) => (place === -1 ? null : line[place]))),
    customers: lines.map((line) => (idPlace === -1 ? null : customerOf(line[idPlace]))),
    detail: false,
  }
}

function rowsOf(name: (typeof INVOCATION_SHAPES)[number], value: unknown, shape: RowShape): Invocation {
  if (name === 'dataframe_split') return split(value, shape)
  if (name === 'inputs' && isObject(value)) return byColumn(value, shape)
  return records(name, value, shape)
}

function split(value: unknown, shape: RowShape): Invocation {
  const { columns, data } = isObject(value) ? value : { columns: null, data: null }
  if (!isListOf(columns, (each) => typeof each === 'string') || !isListOf(data, Array.isArray)) {
    return refused('dataframe_split needs "columns", a list of names, and "data", a list of rows')
  }
  return readTable(columns as string[], data as unknown[][], shape)
}

function records(name: string, value: unknown, { columns, id }: RowShape): Invocation {
  if (!isListOf(value, isObject)) return refused(`${name} needs a list of objects, one a row`)
  const list = value as Record<string, unknown>[]
  const own = (record: Record<string, unknown>, key: string): unknown =>
    Object.hasOwn(record, key) ? record[key] : undefined
  const missing = columns.filter(
    ({ name, required }) =>
      required && list.length > 0 && list.every((each) => own(each, name) === undefined),
  )
  if (missing.length > 0) return absent(missing)
  return {
    ok: true,
    rows: list.map((record) => columns.map((column) => own(record, column.name))),
    customers: list.map((record) => (id === null ? null : customerOf(own(record, id)))),
    detail: false,
  }
}

/** Columns as lists of one length; a single row may give its values bare. */
function byColumn(value: Record<string, unknown>, shape: RowShape): Invocation {
  const names = Object.keys(value)
  const known = new Set(shape.columns.map((column) => column.name))
  const lists = names.map((name) => (Array.isArray(value[name]) ? (value[name] as unknown[]) : [value[name]]))
  const lengths = new Set(lists.map((list) => list.length))
  if (names.some((name, at) => known.has(name) && lists[at] === undefined) || lengths.size > 1)
    return refused('inputs needs lists of one length, one a column')
  const rows = Array.from({ length: lists[0]?.length ?? 0 }, (_, row) => lists.map((list) => list[row]))
  return readTable(names, rows, shape)
}

function detailOf(params: unknown): boolean | null {
  if (params === undefined || params === null) return false
  if (!isObject(params) || Object.keys(params).some((key) => key !== 'detail')) return null
  const { detail = false } = params
  return typeof detail === 'boolean' ? detail : null
}

function absent(missing: readonly KnownColumn[]): Invocation {
  const problems = missing.map(({ name }) => ({ row: null, column: name, message: 'is missing' }))
  return { ok: false, problems: problems.slice(0, SHOWN_PROBLEMS) }
}

function customerOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isListOf(value: unknown, each: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(each)
}

function refused(message: string): { ok: false; problems: RowProblem[] } {
  return { ok: false, problems: [wholeProblem(message)] }
}
