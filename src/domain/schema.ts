import { z } from 'zod'

/** A number column; blanks are missing values, imputed inside the model. */
const numberColumn = z
  .strictObject({
    name: z.string().min(1),
    kind: z.literal('number'),
    integer: z.boolean().default(false),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    blank: z.boolean().default(false).describe('Whether an empty field is a missing value instead of an error.'),
  })
  .describe('A numeric feature.')

/** A category column; a closed one refuses values outside its list. */
const categoryColumn = z
  .strictObject({
    name: z.string().min(1),
    kind: z.literal('category'),
    values: z.array(z.string()).default([]).describe('The known values; with closed they are the only ones.'),
    closed: z.boolean().default(true),
    blank: z.boolean().default(false),
  })
  .describe('A categorical feature.')

export const columnSchema = z.discriminatedUnion('kind', [numberColumn, categoryColumn])

export const tableSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: z.string().min(1).default('table'),
    id: z.string().min(1).nullable().default(null).describe('The customer id column; the file may leave it out.'),
    target: z.strictObject({
      column: z.string().min(1),
      positive: z.string().min(1).default('Yes'),
      negative: z.string().min(1).default('No'),
    }),
    features: z.array(columnSchema).min(1).describe('The columns the model learns from, in the order of its signature.'),
  })
  .describe('The columns of a churn table.')

/** One feature column. */
export type Column = z.infer<typeof columnSchema>
/** The columns of a table: features in signature order, target and id apart. */
export type TableSchema = z.infer<typeof tableSchema>
