import { describe, expect, test } from 'vitest'
import {
  inferenceAnswer,
  modelMetadata,
  readInference,
} from '../../../../src/domain/serving/inference-protocol.js'
import { openApiDocument } from '../../../../src/domain/serving/openapi.js'
import { checkRows } from '../../../../src/domain/serving/value-check.js'
import { COLUMNS } from '../../../helpers/served-columns.js'

const read = (document: unknown) => readInference(document, { columns: COLUMNS, id: 'id' })
const tensor = (name: string, datatype: string, data: unknown[], shape: unknown = [data.length]) => ({
  name,
  datatype,
  shape,
  data,
})
const inputs = [tensor('contract', 'BYTES', ['year', 'month'], [2, 1]), tensor('tenure', 'INT64', [1, 2])]

test('tensors of columns are rows', () => {
  expect(read({ id: 'a', inputs, outputs: [{ name: 'label' }] })).toEqual({
    ok: true,
    rows: [
      [1, null, 'year'],
      [2, null, 'month'],
    ],
    customers: [null, null],
    detail: true,
    id: 'a',
    outputs: ['label'],
  })
  const ids = tensor('id', 'BYTES', ['A', 'B'])
  expect(read({ inputs: [...inputs, ids] })).toMatchObject({ customers: ['A', 'B'], id: null })
})

describe('refused', () => {
  test.each([
    ['no inputs', {}, 'needs a list of inputs'],
    ['an input that is none', { inputs: [1] }, 'input 1 is no object'],
    ['no datatype', { inputs: [{ name: 'tenure', shape: [1], data: [1] }] }, 'needs a name and a datatype'],
    ['no flat data', { inputs: [tensor('tenure', 'INT64', [1], [2])] }, 'needs the shape'],
    ['a matrix', { inputs: [tensor('tenure', 'INT64', [1, 2], [1, 2])] }, 'needs the shape'],
    ['text for a number', { inputs: [tensor('tenure', 'BYTES', ['1'])] }, 'is a number and needs INT64'],
    ['truth for a number', { inputs: [tensor('charges', 'BOOL', [true])] }, 'is a number and needs FP64'],
    ['numbers for a category', { inputs: [tensor('contract', 'INT64', [1])] }, 'needs BYTES'],
    ['fractions as whole numbers', { inputs: [tensor('charges', 'INT32', [1.5])] }, 'does not hold'],
    ['different lengths', { inputs: [tensor('tenure', 'INT64', [1]), inputs[0]] }, 'different numbers'],
    ['a name twice', { inputs: [...inputs, inputs[0]] }, 'named twice'],
    ['an unknown output', { inputs, outputs: [{ name: 'secret' }] }, 'outputs are among'],
    ['an id that is no text', { inputs, id: 3 }, 'id is a text'],
  ])('%s', (_name, document, message) => {
    const found = read(document)
    expect(found).toMatchObject({ ok: false, problems: [{ message: expect.stringContaining(message) }] })
    expect(JSON.stringify(found)).not.toContain('secret')
  })

  test('columns that are not there', () => {
    expect(read({ inputs: [inputs[1]] })).toMatchObject({ problems: [{ column: 'contract' }] })
  })
})

test('answers are tensors of the outputs that were asked for', () => {
  const scored = [{ label: 1, probability: 0.5, threshold: 0.5 }]
  const about = { model: 'M', version: '3', id: null, outputs: ['label', 'probability'] as const }
  expect(inferenceAnswer(scored, about)).toEqual({
    model_name: 'M',
    model_version: '3',
    outputs: [
      { name: 'label', datatype: 'INT64', shape: [1], data: [1] },
      { name: 'probability', datatype: 'FP64', shape: [1], data: [0.5] },
    ],
  })
})

test('checks, metadata and the OpenAPI document come from one schema: its examples pass the checks', () => {
  const described = {
    model: 'M',
    version: '3',
    columns: COLUMNS,
    packageVersion: '1.0.0',
    limits: { rows: 10, bodyBytes: 1000 },
    needsKey: false,
  }
  const { components } = openApiDocument(described) as {
    components: { schemas: Record<string, { example?: unknown; properties?: Record<string, unknown> }> }
  }
  const found = read(components.schemas.InferenceRequest?.example)
  expect(found.ok && checkRows(COLUMNS, found.rows).ok).toBe(true)
  const metadata = modelMetadata('M', '3', 'mlflow', COLUMNS)
  expect(Object.keys(components.schemas.Row?.properties ?? {})).toEqual(
    metadata.inputs.map(({ name }) => name),
  )
  expect(metadata.inputs.map(({ datatype }) => datatype)).toEqual(['INT64', 'FP64', 'BYTES'])
})
