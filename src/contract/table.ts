import { z } from 'zod'
import { columnSchema, tableSchema as schemaFile } from '../domain/table/schema.js'
import { named } from './method.js'

const [numberColumn, categoryColumn] = columnSchema.options
named('NumberColumn', numberColumn)
named('CategoryColumn', categoryColumn)
named('Column', columnSchema)
named('Target', schemaFile.shape.target)

/** The columns of a table, as its schema file describes them. */
export const tableSchema = named('TableSchema', schemaFile)

/** A file that was read to its end and checked against the schema. */
export const dataset = named(
  'Dataset',
  z.object({
    path: z.string().describe('Absolute path.'),
    sha256: z.string().describe('Of the bytes of the file, hex.'),
    rows: z.int().describe('Data records, valid and invalid, without header and empty lines.'),
    source: z
      .string()
      .optional()
      .describe(
        'What the file was written from: a path, or a URL without credentials and the hash of the query.',
      ),
  }),
)

/** A checked file and which of its records count. */
export const checkedTable = named(
  'CheckedTable',
  z.object({
    dataset,
    invalidRecords: z
      .array(z.int())
      .describe('0-based ordinals to leave out: the verdict of Node on rows is law.'),
    schema: tableSchema,
  }),
)

export const tableExport = named(
  'TableExport',
  z.object({
    source: named(
      'ExportSource',
      z.discriminatedUnion('kind', [
        named('ParquetSource', z.object({ kind: z.literal('parquet'), path: z.string() })),
        named('SqlSource', z.object({ kind: z.literal('sql'), url: z.string(), query: z.string() })),
      ]),
    ),
    schema: tableSchema,
    folder: z.string().describe('Takes the CSV file.'),
  }),
)

/** Rows of another form as a CSV file. */
export const exportedTable = named(
  'ExportedTable',
  z.object({
    path: z.string().describe('Absolute path of the CSV file; its bytes depend on the rows alone.'),
    rows: z.int(),
    source: z
      .string()
      .describe('The original path, or the URL without credentials and the hash of the query.'),
  }),
)

export type CheckedTable = z.output<typeof checkedTable>
export type ExportedTable = z.output<typeof exportedTable>
