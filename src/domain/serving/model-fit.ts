import { z } from 'zod'
import { ChurnOpsError } from '../../errors.js'
import { modelColumns, type TableSchema } from '../table/schema.js'
import type { RawRow } from './prediction.js'

/** A column as a version learned it; `serve` writes it down for `predict`. */
export const knownColumnSchema = z.object({
  name: z.string(),
  /** Null for a type that no schema of ours has. */
  kind: z.enum(['number', 'category']).nullable(),
  /** True for a number that is a whole one; records of earlier releases do not tell. */
  integer: z.boolean().optional(),
  /** True for a column that was stored for slices and never learned from. */
  sensitive: z.boolean(),
  /** False for an input that the model does without. */
  required: z.boolean(),
  /** The values of a category among the training rows; null when they are not known or are too many. */
  values: z.array(z.string()).nullable(),
})

export type KnownColumn = z.infer<typeof knownColumnSchema>

/** How a table's schema and a version fit together: one rule for `predict` and `monitor`. */
export interface ModelFit {
  /** Columns that the model needs and the table lacks. */
  missing: string[]
  /** Columns whose kind is another one. */
  changed: { name: string; model: string; table: string }[]
  /** Columns of the table that the model does not know. */
  unused: string[]
  /** Columns of the table that the version has stored no rows of: `unused`, and new sensitive ones. */
  unstored: string[]
}

/** Compares what a version learned from with what a schema offers it; of an unknown model nothing is said. */
export function fitOf(known: readonly KnownColumn[], schema: TableSchema): ModelFit {
  if (known.length === 0) return { missing: [], changed: [], unused: [], unstored: [] }
  const learned = new Map(known.filter(({ sensitive }) => !sensitive).map((column) => [column.name, column]))
  const offered = modelColumns(schema)
  const names = new Set(offered.map(({ name }) => name))
  return {
    missing: [...learned.values()]
      .filter(({ name, required }) => required && !names.has(name))
      .map(({ name }) => name),
    changed: offered.flatMap(({ name, kind }) => {
      const model = learned.get(name)?.kind ?? kind
      return model === kind ? [] : [{ name, model, table: kind }]
    }),
    unused: offered.filter(({ name }) => !learned.has(name)).map(({ name }) => name),
    unstored: schema.features
      .filter(({ name }) => !known.some((column) => column.name === name))
      .map(({ name }) => name),
  }
}

/** The part of a schema that a version has stored rows of, the sensitive columns too. */
export function storedPart(schema: TableSchema, known: readonly KnownColumn[]): TableSchema {
  if (known.length === 0) return schema
  const names = new Set(known.map(({ name }) => name))
  return { ...schema, features: schema.features.filter(({ name }) => names.has(name)) }
}

/** @throws ChurnOpsError `SCHEMA_MISMATCH` when the version cannot judge rows of this schema. */
export function requireFit({ missing, changed }: ModelFit, version: string, nothingDone: string): void {
  if (missing.length === 0 && changed.length === 0) return
  const reasons = [
    ...(missing.length === 0 ? [] : [`it needs ${named(missing)}, which the schema does not have`]),
    ...changed.map(({ name, model, table }) => `${name} was a ${model} and is now a ${table}`),
  ]
  throw new ChurnOpsError('SCHEMA_MISMATCH', {
    message: `Version ${version} was trained on different columns from those in the schema: ${reasons.join('; ')}. ${nothingDone}`,
    hint: 'Use the schema that the version was trained with, or train and promote a version with this one.',
    details: { version, missing, changed },
  })
}

/** What to say of columns that the version does not use. */
export function unusedColumns({ unused }: ModelFit, version: string): string[] {
  if (unused.length === 0) return []
  const verb = unused.length === 1 ? 'is' : 'are'
  return [
    `Version ${version} does not know ${named(unused)}, which ${verb} not used: train and promote a version with this schema.`,
  ]
}

/** Counts the values of categories that a version has never seen, in rows whose values have these names. */
export function unseenValues(
  known: readonly KnownColumn[],
  version: string,
  names: readonly string[],
): { look(rows: readonly RawRow[]): void; warnings(): string[] } {
  const places = new Map(names.map((name, place) => [name, place]))
  const columns = known.flatMap(({ name, sensitive, values }) => {
    const place = places.get(name)
    if (values === null || sensitive || place === undefined) return []
    return [{ name, place, seen: new Set(values), unseen: new Map<string, number>() }]
  })
  return {
    look(rows) {
      for (const { place, seen, unseen } of columns) {
        for (const row of rows) {
          const value = row[place]
          if (typeof value === 'string' && !seen.has(value)) unseen.set(value, (unseen.get(value) ?? 0) + 1)
        }
      }
    },
    warnings: () =>
      columns.flatMap(({ name, unseen }) => (unseen.size === 0 ? [] : [describe(name, unseen, version)])),
  }
}

function describe(name: string, unseen: ReadonlyMap<string, number>, version: string): string {
  const most = [...unseen].sort(([, a], [, b]) => b - a)
  const shown = most.slice(0, SHOWN).map(([value, rows]) => `${JSON.stringify(value.slice(0, 60))} (${rows})`)
  const rows = most.reduce((sum, [, count]) => sum + count, 0)
  return `${rows} rows have a value in ${name} that version ${version} has never seen and treats as unknown: ${shown.join(', ')}${more(most.length)}.`
}

const SHOWN = 5

function named(names: readonly string[]): string {
  return `${names.slice(0, SHOWN).join(', ')}${more(names.length)}`
}

function more(count: number): string {
  return count > SHOWN ? ` and ${count - SHOWN} more` : ''
}
