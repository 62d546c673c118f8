import { z } from 'zod'
import { nearestName } from '../domain/text/nearest-name.js'
import { ChurnOpsError, type ErrorCode } from '../errors.js'

/** One thing that is wrong with the settings; all are gathered before any is reported. */
export interface Complaint {
  code: ErrorCode
  text: string
}

const HINTS: Partial<Record<ErrorCode, string>> = {
  CONFIG_INVALID: 'Fix the file; schemas/churn-ops.schema.json in the package describes it.',
  GRID_INVALID: 'For example: --grid n_estimators=50,100 --grid max_depth=10,none.',
  URL_INVALID:
    'For example: sqlite:///mlflow.db, http://127.0.0.1:5000 or postgresql://user@host/mlflow; for files, a folder or s3://bucket/prefix.',
  MODEL_NAME_INVALID: 'Use letters, digits, dots, dashes and underscores.',
  FOLDER_UNSAFE: 'Work in a folder of your own: `mkdir churn && cd churn`.',
  USAGE: 'Run the command with --help to list its options.',
}

/** One error for all complaints; its code is the first one's. */
export function asError(complaints: readonly [Complaint, ...Complaint[]]): ChurnOpsError {
  const [first] = complaints
  const message =
    complaints.length === 1
      ? `${first.text} Nothing was started.`
      : `${complaints.length} settings are invalid; nothing was started.\n${complaints.map(({ text }) => `  - ${text}`).join('\n')}`
  return new ChurnOpsError(first.code, {
    message,
    hint: HINTS[first.code] ?? 'Fix the setting and run the command again.',
    details: { complaints },
  })
}

/** What zod found in a file, in words; unknown keys with the nearest known one. */
export function describeIssues(
  file: string,
  issues: readonly z.core.$ZodIssue[],
  shape: z.ZodType,
): Complaint[] {
  return issues.flatMap((issue) => {
    const place = issue.path.map(String).join('.')
    if (issue.code !== 'unrecognized_keys') {
      return [complaint(`${file}: ${place === '' ? 'the file' : place}: ${issue.message}.`)]
    }
    const known = keysAt(z.toJSONSchema(shape, { io: 'input' }), issue.path)
    return issue.keys.map((key) => {
      const nearest = nearestName(key, known)
      const advice = nearest === null ? `Known are ${known.join(', ')}.` : `Did you mean ${nearest}?`
      return complaint(
        `${file}: ${[place, key].filter((part) => part !== '').join('.')} is unknown. ${advice}`,
      )
    })
  })
}

function complaint(text: string): Complaint {
  return { code: 'CONFIG_INVALID', text: text.replace(/\.\.$/, '.') }
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  additionalProperties?: JsonSchema | boolean
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
}

function keysAt(schema: object, path: readonly PropertyKey[]): string[] {
  let level: JsonSchema[] = [schema]
  for (const key of path) {
    level = level.flatMap(alternatives).flatMap((one) => {
      const below = typeof key === 'number' ? one.items : one.properties?.[String(key)]
      return below === undefined ? [] : [below]
    })
  }
  return [...new Set(level.flatMap(alternatives).flatMap((one) => Object.keys(one.properties ?? {})))]
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  return [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
}
