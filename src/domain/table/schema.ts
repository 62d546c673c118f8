import { z } from 'zod'
import { trimBlanks } from './cell.js'

/** A column's name; spaces around it are not part of it, as in a header. */
const columnName = z.string().overwrite(trimBlanks).min(1)

const OUTER_BLANKS = 'has spaces around it, and values in a table are trimmed'
/** A label or value as cells are compared with it. */
const bareText = z.string().refine((text) => text === trimBlanks(text), OUTER_BLANKS)

const sensitive = z
  .boolean()
  .optional()
  .describe(
    'Keeps the column out of training and of the served model; it is only used to report quality by group.',
  )

/** A number column; blanks are missing values, imputed inside the model. */
const numberColumn = z
  .strictObject({
    name: columnName,
    kind: z.literal('number'),
    integer: z.boolean().default(false),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    blank: z
      .boolean()
      .default(false)
      .describe('Whether an empty field is a missing value instead of an error.'),
    sensitive,
  })
  .describe('A numeric feature.')

/** A category column; a closed one refuses values outside its list. */
const categoryColumn = z
  .strictObject({
    name: columnName,
    kind: z.literal('category'),
    values: z.array(bareText).default([]).describe('The known values; with closed, the only ones allowed.'),
    closed: z.boolean().default(true),
    blank: z.boolean().default(false),
    sensitive,
  })
  .describe('A categorical feature.')

export const columnSchema = z.discriminatedUnion('kind', [numberColumn, categoryColumn])

export const tableSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: z.string().min(1).default('table'),
    id: columnName.nullable().default(null).describe('The customer id column; optional in a file.'),
    date: columnName
      .nullable()
      .default(null)
      .describe('A column of ISO dates, for a split by time; not a feature.'),
    target: z.strictObject({
      column: columnName,
      positive: bareText.min(1).default('Yes'),
      negative: bareText.min(1).default('No'),
    }),
    features: z
      .array(columnSchema)
      .min(1)
      .describe('The columns the model learns from, in the order of its signature.'),
  })
  .superRefine((table, context) => {
    for (const [at, message] of contradictions(table)) context.addIssue({ code: 'custom', message, path: at })
  })
  .describe('The columns of a churn table.')

interface TableShape {
  id: string | null
  date: string | null
  target: { column: string; positive: string; negative: string }
  features: Column[]
}

type Contradiction = [at: (string | number)[], message: string]

function contradictions({ id, date, target, features }: TableShape): Contradiction[] {
  const names = features.map((feature) => feature.name)
  const found: Contradiction[] = []
  if (id === target.column) found.push([['id'], 'the id column is the target'])
  if (date !== null && date === target.column) found.push([['date'], 'the date column is the target'])
  if (date !== null && date === id) found.push([['date'], 'the date column is the id column'])
  if (target.positive === target.negative) found.push([['target', 'negative'], 'both labels are the same'])
  features.forEach((feature, at) => {
    const say = (message: string): void =>
      void found.push([['features', at, 'name'], `${feature.name} ${message}`])
    if (names.indexOf(feature.name) !== at) say('is listed twice')
    if (feature.name === target.column) say('is the target')
    if (feature.name === id) say('is the id column')
    if (feature.name === date) say('is the date column')
    if (feature.kind === 'category' && feature.closed && feature.values.length === 0)
      say('is closed but has no values')
    if (feature.kind === 'number' && (feature.minimum ?? -Infinity) > (feature.maximum ?? Infinity)) {
      say('has a minimum above its maximum')
    }
  })
  return found
}

/** The columns that a model learns from, in the order of its signature. */
export function modelColumns(schema: TableSchema): Column[] {
  return schema.features.filter((column) => column.sensitive !== true)
}

/** One feature column. */
export type Column = z.infer<typeof columnSchema>
/** The columns of a table: features in signature order, target and id apart. */
export type TableSchema = z.infer<typeof tableSchema>
