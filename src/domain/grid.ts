import { nearestName } from './nearest-name.js'
import type { ParameterValue } from './training.js'

/** Values to try per hyper-parameter; the search is their product. */
export type Grid = Record<string, ParameterValue[]>

/** The documents' search: 27 forests. */
export const DEFAULT_GRID: Grid = {
  n_estimators: [50, 100, 200],
  max_depth: [10, 20, null],
  min_samples_split: [2, 5, 10],
}

/** More than this is a mistyped grid; each candidate is a run, a model folder and a version. */
export const MAX_CANDIDATES = 10_000

const NAMED_PARAMETERS = ['n_estimators', 'max_depth', 'min_samples_split'] as const
const MAX_INTEGER = 2_147_483_647

interface Rule {
  accepts(value: ParameterValue): boolean
  /** What the values may be, in words. */
  words: string
}

const integer = (minimum: number): Rule => ({
  accepts: (value) => isInteger(value, minimum),
  words: `whole numbers from ${minimum}`,
})
const integerOrNone = (minimum: number): Rule => ({
  accepts: (value) => value === null || isInteger(value, minimum),
  words: `whole numbers from ${minimum}, or none`,
})
const integerOrShare = (minimum: number): Rule => ({
  accepts: (value) => isInteger(value, minimum) || isShare(value),
  words: `whole numbers from ${minimum}, or shares between 0 and 1`,
})
const oneOf = (...values: ParameterValue[]): Rule => ({
  accepts: (value) => values.includes(value),
  words: values.map(writeValue).join(', '),
})
const atLeastZero: Rule = {
  accepts: (value) => typeof value === 'number' && value >= 0,
  words: 'numbers from 0',
}

// bootstrap, random_state and n_jobs are not here: out-of-bag rows, --seed and reproducible models depend on them.
const RULES: ReadonlyMap<string, Rule> = new Map([
  ['n_estimators', integer(1)],
  ['max_depth', integerOrNone(1)],
  ['min_samples_split', integerOrShare(2)],
  ['min_samples_leaf', integerOrShare(1)],
  ['max_leaf_nodes', integerOrNone(2)],
  ['min_impurity_decrease', atLeastZero],
  [
    'min_weight_fraction_leaf',
    {
      accepts: (value) => typeof value === 'number' && value >= 0 && value <= 0.5,
      words: 'numbers from 0 to 0.5',
    },
  ],
  ['ccp_alpha', atLeastZero],
  ['criterion', oneOf('gini', 'entropy', 'log_loss')],
  ['class_weight', oneOf(null, 'balanced', 'balanced_subsample')],
  [
    'max_features',
    {
      accepts: (value) =>
        value === null || value === 'sqrt' || value === 'log2' || isInteger(value, 1) || isShare(value),
      words: 'sqrt, log2, none, whole numbers from 1, or shares between 0 and 1',
    },
  ],
  [
    'max_samples',
    {
      accepts: (value) => value === null || isInteger(value, 1) || isShare(value),
      words: 'none, whole numbers from 1, or shares between 0 and 1',
    },
  ],
])

/** Hyper-parameters that a grid may name. */
export const GRID_PARAMETERS: readonly string[] = [...RULES.keys()]

/**
 * Reads `--grid name=v1,v2` options. `none` is null, numbers and true/false are themselves, all else is text.
 *
 * @returns the named parameters and what is wrong with the text; the values are judged by {@link gridComplaints}.
 */
export function parseGridOptions(options: readonly string[]): { grid: Grid; complaints: string[] } {
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
      complaints.push(`--grid ${option} is not of the form name=value,value.`)
    } else if (Object.hasOwn(grid, name)) {
      complaints.push(`--grid names ${name} twice; list all its values in one.`)
    } else if (RULES.has(name)) {
      grid[name] = texts.map(parseValue)
      for (const text of texts.filter((text) => /^-?\d+\.0*$/.test(text))) {
        complaints.push(
          `${name}=${text}: write ${Number(text)}; 1.0 and 1 cannot be told apart on the way to Python.`,
        )
      }
    } else complaints.push(unknownParameter(name))
  }
  return { grid, complaints }
}

/** What is wrong with a grid, one sentence each; empty when it can be searched. */
export function gridComplaints(grid: Grid): string[] {
  const complaints = Object.entries(grid).flatMap(([name, values]) => {
    const rule = RULES.get(name)
    if (rule === undefined) return [unknownParameter(name)]
    const wrong = values.filter((value) => !rule.accepts(value)).map(writeValue)
    const doubled = values.filter((value, at) => values.indexOf(value) !== at).map(writeValue)
    return [
      ...(values.length === 0 ? [`${name} has no values.`] : []),
      ...wrong.map((value) => `${name}=${value} is impossible; it takes ${rule.words}.`),
      ...doubled.map((value) => `${name} has ${value} twice.`),
    ]
  })
  const size = Object.values(grid).reduce((product, values) => product * values.length, 1)
  if (size > MAX_CANDIDATES)
    complaints.push(`The grid has ${size} candidates; ${MAX_CANDIDATES} is the limit.`)
  return complaints
}

/** Every candidate of a grid in a stable order: the last parameter changes fastest, values in the order given. */
export function expandGrid(grid: Grid): Record<string, ParameterValue>[] {
  return orderedNames(Object.keys(grid)).reduce<Record<string, ParameterValue>[]>(
    (candidates, name) =>
      candidates.flatMap((candidate) => (grid[name] ?? []).map((value) => ({ ...candidate, [name]: value }))),
    [{}],
  )
}

/** The run's name of a candidate: `RF_200_10_5`, `RF_50_None_2`, `RF_50_10_2_criterion-entropy`. */
export function candidateName(params: Record<string, ParameterValue>): string {
  const named = NAMED_PARAMETERS.map((name) => pythonValue(params[name] ?? null))
  const further = orderedNames(Object.keys(params))
    .slice(NAMED_PARAMETERS.filter((name) => Object.hasOwn(params, name)).length)
    .map((name) => `${name}-${pythonValue(params[name] ?? null)}`)
  return ['RF', ...named, ...further].join('_')
}

function orderedNames(names: readonly string[]): string[] {
  const first = NAMED_PARAMETERS.filter((name) => names.includes(name))
  return [...first, ...names.filter((name) => !first.some((known) => known === name)).sort()]
}

function unknownParameter(name: string): string {
  if (name === 'random_state') return 'random_state is set by --seed, not by the grid.'
  const nearest = nearestName(name, GRID_PARAMETERS)
  const advice = nearest === null ? `known are ${GRID_PARAMETERS.join(', ')}` : `did you mean ${nearest}?`
  return `A forest has no parameter ${name} to search; ${advice}`
}

function parseValue(text: string): ParameterValue {
  if (text.toLowerCase() === 'none') return null
  if (text.toLowerCase() === 'true') return true
  if (text.toLowerCase() === 'false') return false
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : text
}

function isInteger(value: ParameterValue, minimum: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= MAX_INTEGER
}

function isShare(value: ParameterValue): boolean {
  return typeof value === 'number' && value > 0 && value < 1
}

function writeValue(value: ParameterValue): string {
  return value === null ? 'none' : String(value)
}

function pythonValue(value: ParameterValue): string {
  return value === null ? 'None' : String(value)
}
