import { nearestName } from '../text/nearest-name.js'
import { ESTIMATORS } from './estimator.js'
import type { EstimatorName } from './estimator-name.js'
import { PARAMETER_RULES, writeValue } from './parameter-rules.js'
import type { Grid, ParameterValue } from './training.js'

/** The documents' search: 27 forests. */
export const DEFAULT_GRID: Grid = ESTIMATORS.forest.grid

/** More than this is a mistyped grid; each candidate is a run, a model folder and a version. */
export const MAX_CANDIDATES = 10_000

/**
 * Reads `--grid name=v1,v2` options. `none` is null, numbers and true/false are themselves, all else is text.
 *
 * @returns the named parameters and what is wrong with the text; the values are judged by {@link gridComplaints}.
 */
export function parseGridOptions(
  options: readonly string[],
  estimators: readonly EstimatorName[] = ['forest'],
): { grid: Grid; complaints: string[] } {
  const known = new Set(estimators.flatMap((estimator) => [...PARAMETER_RULES[estimator].keys()]))
  const grid: Grid = {}
  const complaints: string[] = []
  for (const option of options) {
    const equals = option.indexOf('=')
    const name = option.slice(0, Math.max(0, equals)).trim()
    const texts =
      equals < 0
        ? []
        : option
            .slice(equals + 1)
            .split(',')
            .map((text) => text.trim())
    if (name === '' || texts.some((text) => text === '')) {
      complaints.push(`--grid ${option} does not have the form name=value,value.`)
    } else if (Object.hasOwn(grid, name)) {
      complaints.push(`--grid names ${name} twice; list all its values in one option.`)
    } else if (known.has(name)) {
      grid[name] = texts.map(parseValue)
      for (const text of texts.filter((text) => /^-?\d+\.0*$/.test(text))) {
        complaints.push(
          `${name}=${text}: write ${Number(text)}; 1.0 and 1 cannot be distinguished when passed to Python.`,
        )
      }
    } else complaints.push(unknownParameter(name, [...known]))
  }
  return { grid, complaints }
}

/** What is wrong with a grid, one sentence each; empty when it can be searched. */
export function gridComplaints(grid: Grid, estimator: EstimatorName = 'forest'): string[] {
  const rules = PARAMETER_RULES[estimator]
  const complaints = Object.entries(grid).flatMap(([name, values]) => {
    const rule = rules.get(name)
    if (rule === undefined) return [unknownParameter(name, [...rules.keys()])]
    const wrong = values.filter((value) => !rule.accepts(value)).map(writeValue)
    const doubled = values.filter((value, at) => values.indexOf(value) !== at).map(writeValue)
    return [
      ...(values.length === 0 ? [`${name} has no values.`] : []),
      ...wrong.map((value) => `${name}=${value} is impossible; allowed are ${rule.words}.`),
      ...doubled.map((value) => `${name} has ${value} twice.`),
    ]
  })
  const size = Object.values(grid).reduce((product, values) => product * values.length, 1)
  if (size > MAX_CANDIDATES)
    complaints.push(`The grid has ${size} candidates; ${MAX_CANDIDATES} is the limit.`)
  return complaints
}

/** Every candidate of a grid in a stable order: the last parameter changes fastest, values in the order given. */
export function expandGrid(
  grid: Grid,
  estimator: EstimatorName = 'forest',
): Record<string, ParameterValue>[] {
  return orderedNames(Object.keys(grid), estimator).reduce<Record<string, ParameterValue>[]>(
    (candidates, name) =>
      candidates.flatMap((candidate) => (grid[name] ?? []).map((value) => ({ ...candidate, [name]: value }))),
    [{}],
  )
}

/** The run's name of a candidate: `RF_200_10_5`, `RF_50_None_2`, `RF_50_10_2_criterion-entropy`, `LR_0.1_None`. */
export function candidateName(
  params: Record<string, ParameterValue>,
  estimator: EstimatorName = 'forest',
): string {
  const { prefix, named } = ESTIMATORS[estimator]
  const first = named.map((name) => pythonValue(params[name] ?? null))
  const further = orderedNames(Object.keys(params), estimator)
    .slice(named.filter((name) => Object.hasOwn(params, name)).length)
    .map((name) => `${name}-${pythonValue(params[name] ?? null)}`)
  return [prefix, ...first, ...further].join('_')
}

function orderedNames(names: readonly string[], estimator: EstimatorName): string[] {
  const { named } = ESTIMATORS[estimator]
  const first = named.filter((name) => names.includes(name))
  return [...first, ...names.filter((name) => !first.some((known) => known === name)).sort()]
}

function unknownParameter(name: string, known: readonly string[]): string {
  if (name === 'random_state') return 'random_state is set by --seed, not in the grid.'
  const nearest = nearestName(name, known)
  const advice = nearest === null ? `known are ${known.join(', ')}` : `did you mean ${nearest}?`
  return `There is no parameter ${name} to search; ${advice}`
}

function parseValue(text: string): ParameterValue {
  if (text.toLowerCase() === 'none') return null
  if (text.toLowerCase() === 'true') return true
  if (text.toLowerCase() === 'false') return false
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : text
}

function pythonValue(value: ParameterValue): string {
  return value === null ? 'None' : String(value)
}
