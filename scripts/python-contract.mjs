// The contract between the halves as Python: TypedDicts, literals and constants.
import { z } from 'zod'

const KEYWORDS = new Set([
  'from',
  'class',
  'import',
  'global',
  'lambda',
  'pass',
  'in',
  'is',
  'not',
  'and',
  'or',
])
const HEAD = `"""The contract with TypeScript: made of \`\`src/contract/\`\` by \`\`scripts/make-contract.mjs\`\`, never by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NotRequired, TypeAlias, TypedDict
`

/** The text of `python/churn_ops/contract.py`, from the built contract. */
export async function pythonContract() {
  const { METHODS, TYPES } = await import('../dist/contract/methods.js')
  const { names } = await import('../dist/contract/method.js')
  const rules = await import('../dist/contract/constants.js')
  const { ALIASES, FOREST_FORMAT, PROTOCOL, STAGES, TAGS } = rules
  const { ERROR_TABLE } = await import('../dist/errors.js')
  const shapes = Object.entries(METHODS).flatMap(([name, { request, answer }]) => [
    [`${name} request`, request],
    [`${name} answer`, answer],
  ])
  const { $defs: types } = z.toJSONSchema(z.object({ ...Object.fromEntries(shapes), ...TYPES }), {
    metadata: names,
    io: 'output',
  })
  return [
    HEAD,
    `PROTOCOL = ${PROTOCOL}\nFOREST_FORMAT = ${FOREST_FORMAT}\n`,
    `Stage = ${literal(STAGES)}`,
    `MethodName = ${literal(Object.keys(METHODS))}`,
    `ErrorCode = ${literal(Object.keys(ERROR_TABLE).sort())}\n\n`,
    constants(
      'Stages',
      'The stages by name.',
      Object.fromEntries(STAGES.map((stage) => [stage.toLowerCase(), stage])),
    ),
    constants('Alias', 'Aliases of versions.', ALIASES),
    constants('Tag', 'Tags in MLflow, of versions, runs, experiments and registered models.', TAGS),
    constants('TrainingRules', 'What every training goes by and no setting changes.', rules.TRAINING_RULES),
    constants(
      'SearchRanking',
      'What orders the candidates of a search, the best first.',
      rules.SEARCH_RANKING,
    ),
    constants('DriftRules', 'What a report of drift tells beside the scores.', rules.DRIFT_RULES),
    constants('EvidenceRules', 'How much the evidence of a version shows.', rules.EVIDENCE_RULES),
    constants(
      'StoreRules',
      'Limits that are applied to a store, under its lock or before a model is loaded.',
      rules.STORE_RULES,
    ),
    ...Object.entries(types).map(([name, shape]) => typeNamed(name, shape)),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

function literal(values) {
  return `Literal[\n${values.map((value) => `    ${JSON.stringify(value)},\n`).join('')}]`
}

function constants(name, meaning, values) {
  const lines = Object.entries(values).map(
    ([key, value]) => `    ${constantName(key)}: Final = ${JSON.stringify(value)}`,
  )
  return `class ${name}:\n    """${meaning}"""\n\n${lines.join('\n')}\n\n`
}

function constantName(key) {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

function typeNamed(name, shape) {
  if (shape.enum !== undefined) return `${name} = ${literal(shape.enum)}\n\n`
  return shape.properties === undefined && shape.additionalProperties !== false
    ? `${name}: TypeAlias = ${JSON.stringify(typeOf(shape, name))}\n\n`
    : typedDict(name, shape)
}

function typedDict(name, { properties = {}, required = [] }) {
  const fields = Object.entries(properties).map(([field, value]) => {
    const type = typeOf(value, `${name}.${field}`)
    return { field, type: required.includes(field) ? type : `NotRequired[${type}]` }
  })
  if (fields.some(({ field }) => KEYWORDS.has(field) || !/^\w+$/.test(field))) {
    const entries = fields.map((each) => `        "${each.field}": "${each.type.replaceAll('"', "'")}",\n`)
    return `${name} = TypedDict(\n    "${name}",\n    {\n${entries.join('')}    },\n)\n\n`
  }
  const lines = fields.map((each) => `    ${each.field}: ${each.type}\n`)
  return `class ${name}(TypedDict):\n${lines.join('') || '    pass\n'}\n`
}

/** A JSON schema as a Python type; an object without a name is refused, for Python could not name it either. */
function typeOf(shape, where) {
  if (shape.$ref !== undefined) return shape.$ref.replace('#/$defs/', '')
  const choices = shape.anyOf ?? shape.oneOf
  if (choices !== undefined) return [...new Set(choices.map((choice) => typeOf(choice, where)))].join(' | ')
  if (shape.const !== undefined) return `Literal[${JSON.stringify(shape.const)}]`
  if (shape.enum !== undefined)
    return `Literal[${shape.enum.map((value) => JSON.stringify(value)).join(', ')}]`
  if (Array.isArray(shape.type)) {
    return shape.type.map((type) => typeOf({ ...shape, type }, where)).join(' | ')
  }
  switch (shape.type) {
    case 'string':
      return 'str'
    case 'integer':
      return 'int'
    case 'number':
      return 'float'
    case 'boolean':
      return 'bool'
    case 'null':
      return 'None'
    case 'array':
      return shape.prefixItems === undefined
        ? `list[${typeOf(shape.items, where)}]`
        : `Sequence[${[...new Set(shape.prefixItems.map((item) => typeOf(item, where)))].join(' | ')}]`
    case 'object':
      if (shape.additionalProperties && shape.properties === undefined) {
        return `dict[str, ${typeOf(shape.additionalProperties, where)}]`
      }
      break
    case undefined:
      return 'object'
  }
  throw new Error(`${where} needs a name: ${JSON.stringify(shape).slice(0, 200)}`)
}
