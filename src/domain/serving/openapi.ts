import { datatypeOf } from './inference-protocol.js'
import type { KnownColumn } from './model-fit.js'

/** A JSON Schema or a piece of an OpenAPI document. */
type Piece = Record<string, unknown>

/** What an OpenAPI document is made of: the one schema of the version that answers. */
export interface DescribedModel {
  model: string
  version: string
  columns: readonly KnownColumn[]
  packageVersion: string
  limits: { rows: number; bodyBytes: number }
  needsKey: boolean
}

/** The JSON Schema of one column's value. */
export function valueSchema({ kind, integer, values }: KnownColumn): Piece {
  if (kind === 'number') return { type: [integer === true ? 'integer' : 'number', 'null'] }
  if (kind === null) return { type: ['string', 'number', 'null'] }
  return { type: ['string', 'null'], ...(values === null ? {} : { examples: values.slice(0, 20) }) }
}

/** A row that fits the columns, for examples in documents. */
export function exampleRow(columns: readonly KnownColumn[]): Record<string, string | number> {
  return Object.fromEntries(
    columns.map(({ name, kind, values }) => [name, kind === 'number' ? 1 : (values?.[0] ?? 'text')]),
  )
}

/** The OpenAPI 3.1 document of the front. */
export function openApiDocument(described: DescribedModel): Piece {
  const { model, version, columns, packageVersion, limits, needsKey } = described
  const row = exampleRow(columns)
  const record: Piece = {
    type: 'object',
    properties: Object.fromEntries(columns.map((column) => [column.name, valueSchema(column)])),
    required: columns.filter(({ required }) => required).map(({ name }) => name),
  }
  const rows = { type: 'array', items: ref('Row'), maxItems: limits.rows }
  const invocation: Piece = {
    type: 'object',
    oneOf: [
      shape('dataframe_split', {
        type: 'object',
        required: ['columns', 'data'],
        properties: {
          columns: { type: 'array', items: { type: 'string' } },
          data: { type: 'array', items: { type: 'array' }, maxItems: limits.rows },
        },
      }),
      shape('dataframe_records', rows),
      shape('instances', rows),
      shape('inputs', { description: 'Rows, or one list of values a column.' }),
    ],
    properties: { params: { type: 'object', properties: { detail: { type: 'boolean', default: false } } } },
    example: { dataframe_records: [row], params: { detail: true } },
  }
  const inference: Piece = {
    type: 'object',
    required: ['inputs'],
    properties: { id: { type: 'string' }, inputs: { type: 'array', items: { type: 'object' } } },
    example: {
      inputs: columns.map((column) => ({
        name: column.name,
        datatype: datatypeOf(column),
        shape: [1],
        data: [row[column.name]],
      })),
    },
  }
  return {
    openapi: '3.1.0',
    info: {
      title: `${model} version ${version}`,
      version: packageVersion,
      description: `At most ${limits.rows} rows and ${limits.bodyBytes} bytes a request.`,
    },
    ...(needsKey ? { security: [{ bearer: [] }, { basic: [] }] } : {}),
    paths: {
      '/invocations': {
        post: operation('Scores rows, as MLflow does', 'Answer', {
          'application/json': ref('Invocation'),
          'text/csv': { type: 'string', description: 'A header with the names of the columns, then rows.' },
        }),
      },
      [`/v2/models/${encodeURIComponent(model)}/infer`]: {
        post: operation('Scores rows, by the Open Inference Protocol', 'Inference', {
          'application/json': ref('InferenceRequest'),
        }),
      },
      '/ping': get('Whether it answers'),
      '/version': get('Model, version and engine'),
      '/health': get('State, engine and request log'),
      '/metrics': get('Counters and times for Prometheus', 'text/plain'),
      '/v2': get('About this server'),
      '/v2/health/live': get('Whether it lives'),
      '/v2/health/ready': get('Whether it can score'),
      [`/v2/models/${encodeURIComponent(model)}`]: get('Inputs and outputs of the model'),
      [`/v2/models/${encodeURIComponent(model)}/ready`]: get('Whether the model can score'),
    },
    components: {
      schemas: {
        Row: record,
        Invocation: invocation,
        InferenceRequest: inference,
        Inference: { type: 'object', required: ['model_name', 'model_version', 'outputs'] },
        Answer: {
          type: 'object',
          required: ['predictions'],
          properties: {
            predictions: { type: 'array', items: { anyOf: [{ enum: [0, 1] }, ref('Detail')] } },
          },
        },
        Detail: DETAIL,
        Problem: PROBLEM,
      },
      ...(needsKey
        ? {
            securitySchemes: {
              bearer: { type: 'http', scheme: 'bearer' },
              basic: { type: 'http', scheme: 'basic' },
            },
          }
        : {}),
    },
  }
}

const DETAIL: Piece = {
  type: 'object',
  required: ['label', 'probability', 'threshold', 'version', 'requestId', 'warnings'],
  properties: {
    label: { enum: [0, 1] },
    probability: { type: ['number', 'null'], minimum: 0, maximum: 1 },
    threshold: { type: ['number', 'null'], minimum: 0, maximum: 1 },
    version: { type: 'string' },
    requestId: { type: 'string' },
    warnings: {
      type: 'array',
      items: {
        type: 'object',
        properties: { column: { type: 'string' }, problem: { enum: ['unknown category', 'blank'] } },
      },
    },
  },
}

const PROBLEM: Piece = {
  type: 'object',
  required: ['error_code', 'message'],
  properties: {
    error_code: { type: 'string' },
    message: { type: 'string' },
    problems: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          row: { type: ['integer', 'null'], description: 'From 1.' },
          column: { type: ['string', 'null'] },
          message: { type: 'string' },
        },
      },
    },
  },
}

function ref(name: string): Piece {
  return { $ref: `#/components/schemas/${name}` }
}

function shape(name: string, schema: Piece): Piece {
  return { required: [name], properties: { [name]: schema } }
}

function get(summary: string, type = 'application/json'): Piece {
  return { get: { summary, responses: { 200: { description: 'It is so.', content: { [type]: {} } } } } }
}

function operation(summary: string, answer: string, bodies: Record<string, Piece>): Piece {
  const content = Object.fromEntries(Object.entries(bodies).map(([type, schema]) => [type, { schema }]))
  const problem = (description: string): Piece => ({
    description,
    content: { 'application/json': { schema: ref('Problem') } },
  })
  return {
    summary,
    requestBody: { required: true, content },
    responses: {
      200: {
        description: 'Answers in the order of the rows.',
        content: { 'application/json': { schema: ref(answer) } },
      },
      400: problem('The rows or the document are at fault.'),
      401: problem('The API key is missing or wrong.'),
      413: problem('Too many bytes or rows.'),
      415: problem('Another content type.'),
      429: problem('Too many requests; Retry-After says when to come again.'),
      503: problem('Too busy, or the engine is away; Retry-After says when to come again.'),
    },
  }
}
