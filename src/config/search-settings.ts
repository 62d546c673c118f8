import { ESTIMATORS } from '../domain/search/estimator.js'
import { ESTIMATOR_NAMES, type EstimatorName } from '../domain/search/estimator-name.js'
import { gridComplaints, parseGridOptions } from '../domain/search/grid.js'
import { PARAMETER_RULES } from '../domain/search/parameter-rules.js'
import {
  DEFAULT_ITERATIONS,
  defaultSpace,
  SEARCH_KINDS,
  type SearchKind,
} from '../domain/search/search-plan.js'
import { SPLIT_KINDS } from '../domain/search/split.js'
import { parseCapacity, THRESHOLD_KINDS, type ThresholdChoice } from '../domain/search/threshold-rule.js'
import type { Grid } from '../domain/search/training.js'
import { TELCO_SCHEMA } from '../domain/table/telco-schema.js'
import { nearestName } from '../domain/text/nearest-name.js'
import type { Complaint } from './complaints.js'
import type { Settings } from './schema.js'
import type { Sources } from './sources.js'

/** Reads options as text or whole numbers and notes complaints. */
export interface OptionReaders {
  text(name: string): string | undefined
  whole(name: string, minimum: number): number | undefined
}

type SearchSettings = Pick<Settings, 'search' | 'threshold' | 'calibrate' | 'split'>

/** What a training searches and how it chooses: option over file over default. */
export function searchSettings(
  sources: Sources,
  { text, whole }: OptionReaders,
  complaints: Complaint[],
): SearchSettings {
  const { options, written } = sources
  const kind = oneOf('search', SEARCH_KINDS, text('search') ?? written.search ?? 'grid', complaints)
  const estimators = chosenEstimators(sources, complaints)
  return {
    search: {
      kind,
      iterations: whole('iterations', 1) ?? written.iterations ?? DEFAULT_ITERATIONS,
      folds: whole('cv', 2) ?? written.cv ?? null,
      spaces: spaces(sources, estimators, kind, complaints),
    },
    threshold: threshold(sources, text, complaints),
    calibrate: typeof options.calibrate === 'boolean' ? options.calibrate : (written.calibrate ?? false),
    split: split(sources, text('split'), complaints),
  }
}

function chosenEstimators({ options, written }: Sources, complaints: Complaint[]): EstimatorName[] {
  const given = options.estimator ?? written.estimator ?? 'forest'
  const names = (Array.isArray(given) ? given : [given]).flatMap((name) => String(name).split(','))
  const chosen = names.map((name) => oneOf('estimator', ESTIMATOR_NAMES, name.trim(), complaints))
  return [...new Set(chosen)]
}

function spaces(
  { options, written }: Sources,
  estimators: readonly EstimatorName[],
  kind: SearchKind,
  complaints: Complaint[],
): SearchSettings['search']['spaces'] {
  const given = options.grid
  const texts = (Array.isArray(given) ? given : given === undefined ? [] : [given]).map(String)
  const parsed = parseGridOptions(texts, estimators)
  for (const text of parsed.complaints) complaints.push({ code: 'GRID_INVALID', text })
  const shared = { ...written.grid, ...parsed.grid }
  complaints.push(...unusedParameters(written.grid ?? {}, estimators))
  return estimators.map((estimator) => {
    const own = Object.entries(shared).filter(([name]) => PARAMETER_RULES[estimator].has(name))
    const named = written.grids?.[estimator] ?? {}
    const grid: Grid = { ...defaultSpace(estimator, kind), ...named, ...Object.fromEntries(own) }
    for (const text of gridComplaints(grid, estimator)) complaints.push({ code: 'GRID_INVALID', text })
    return { estimator, prefix: ESTIMATORS[estimator].prefix, grid }
  })
}

function unusedParameters(grid: Grid, estimators: readonly EstimatorName[]): Complaint[] {
  const known = estimators.flatMap((estimator) => [...PARAMETER_RULES[estimator].keys()])
  return Object.keys(grid)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const nearest = nearestName(name, known)
      const advice =
        nearest === null ? `known are ${[...new Set(known)].join(', ')}` : `did you mean ${nearest}?`
      return { code: 'GRID_INVALID', text: `There is no parameter ${name} to search; ${advice}` }
    })
}

function threshold(
  { options, written, table }: Sources,
  text: OptionReaders['text'],
  complaints: Complaint[],
): ThresholdChoice {
  const capacity = text('capacity') ?? (written.capacity === undefined ? undefined : String(written.capacity))
  const kind = oneOf(
    'threshold',
    THRESHOLD_KINDS,
    text('threshold') ?? (options.capacity === undefined ? written.threshold : 'capacity') ?? 'f1',
    complaints,
  )
  if (kind === 'cost') {
    if (written.cost === undefined) {
      complaints.push({
        code: 'CONFIG_INVALID',
        text: 'The threshold rule cost needs "cost" in churn-ops.json.',
      })
      return { kind: 'f1' }
    }
    const { value } = written.cost
    const column = (table ?? TELCO_SCHEMA).features.find((feature) => feature.name === value)
    if (typeof value === 'string' && column?.kind !== 'number') {
      complaints.push({
        code: 'CONFIG_INVALID',
        text: `cost.value ${value} is not a number column of the schema.`,
      })
    }
    return { kind, ...written.cost }
  }
  if (kind !== 'capacity') return { kind }
  const parsed = capacity === undefined ? null : parseCapacity(capacity)
  if (parsed === null) {
    const said = capacity === undefined ? 'it is missing' : `it was given ${capacity}`
    complaints.push({
      code: 'USAGE',
      text: `The threshold rule capacity needs --capacity with a number of customers or a share such as 10%; ${said}.`,
    })
    return { kind: 'f1' }
  }
  return { kind, ...parsed }
}

function split(
  { written, table }: Sources,
  option: string | undefined,
  complaints: Complaint[],
): SearchSettings['split'] {
  const kind = oneOf('split', SPLIT_KINDS, option ?? written.split ?? 'random', complaints)
  if (kind === 'time' && (table?.date ?? null) === null) {
    complaints.push({ code: 'CONFIG_INVALID', text: 'A split by time needs a "date" column in the schema.' })
  }
  if (kind === 'id' && table !== undefined && table.id === null) {
    complaints.push({ code: 'CONFIG_INVALID', text: 'A split by id needs an "id" column in the schema.' })
  }
  return kind
}

function oneOf<Name extends string>(
  option: string,
  names: readonly Name[],
  written: string,
  complaints: Complaint[],
): Name {
  const known = names.find((name) => name === written)
  if (known !== undefined) return known
  const nearest = nearestName(written, names)
  const advice = nearest === null ? `one of ${names.join(', ')}` : `${nearest}?`
  complaints.push({ code: 'USAGE', text: `--${option} ${written} is not known: ${advice}` })
  // Never used: a complaint stops the command.
  return names[0] as Name
}
