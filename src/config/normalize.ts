import { isAbsolute, resolve } from 'node:path'
import { policyRules } from '../domain/promotion/policy.js'
import { isDatabaseUrl } from '../domain/table/data-source.js'
import { TELCO_SCHEMA } from '../domain/table/telco-schema.js'
import type { Complaint } from './complaints.js'
import { expandNotices } from './notices.js'
import { tableLocation } from './paths.js'
import { modelNameComplaint, normalizeArtifacts, normalizeTrackingUri } from './rules.js'
import type { Settings } from './schema.js'
import { searchSettings } from './search-settings.js'
import type { Sources } from './sources.js'

const MAX_SEED = 4_294_967_295
const DEFAULT_WAIT_SECONDS = 60

/** Option over environment over file over default, with every path absolute, and all that is wrong with them. */
export function normalize(sources: Sources): { settings: Settings; complaints: Complaint[] } {
  const { options, written } = sources
  const complaints: Complaint[] = []
  const text = (name: string): string | undefined => textOption(options, name, complaints)
  const whole = (name: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER): number | undefined =>
    numberOption(options, name, { minimum, maximum, whole: true }, complaints)

  const model = text('model') ?? written.model ?? 'RandomForestGridSearch'
  const wrongName = modelNameComplaint(model)
  if (wrongName !== null) complaints.push(wrongName)

  const settings: Settings = {
    files: sources.files,
    trackingUri: trackingUri(sources, text('tracking-uri'), complaints),
    model,
    experiment: written.experiment ?? 'customerchurn',
    artifacts: artifacts(sources, text('artifacts'), complaints),
    python: located(text('python'), written.python, sources, namesFile),
    ...table(sources, text, complaints),
    schema: sources.table ?? TELCO_SCHEMA,
    ...searchSettings(sources, { text, whole }, complaints),
    seed: whole('seed', 0, MAX_SEED) ?? written.seed ?? 42,
    splitSeed: whole('split-seed', 0, MAX_SEED) ?? written.splitSeed ?? 42,
    maxInvalid: whole('max-invalid', 0) ?? written.maxInvalid ?? 0,
    policy: located(text('policy'), written.policy, sources, namesFile) ?? 'gated',
    promotion: written.promotion ?? policyRules.parse({}),
    notices: expandNotices(written.notices ?? [], sources.environment, complaints),
    waitSeconds:
      numberOption(options, 'wait', { minimum: 0, maximum: 86_400, whole: false }, complaints) ??
      DEFAULT_WAIT_SECONDS,
    monitor: {
      sample: whole('sample', 1) ?? written.monitor?.sample ?? 1000,
      share: written.monitor?.share ?? 0.5,
      count: written.monitor?.count ?? 2,
      columnThreshold: written.monitor?.columnThreshold ?? 0.1,
    },
    json: options.json === true,
    quiet: options.quiet === true,
    verbose: options.verbose === true,
  }
  return { settings, complaints }
}

function table(
  { options, written, folder, fileFolder }: Sources,
  text: (name: string) => string | undefined,
  complaints: Complaint[],
): Pick<Settings, 'data' | 'query'> {
  const typed = text('data')
  const inFile = written.data === undefined ? null : tableLocation(written.data, fileFolder)
  const data = typed === undefined ? inFile : tableLocation(typed, folder)
  // The query of the file belongs to a database, also to one that `validate` names; never to a file on the command line.
  const named = options.file === undefined ? data : String(options.file)
  const inherited = named !== null && isDatabaseUrl(named) ? written.query : undefined
  const query = text('query')
  if (query !== undefined && named === null)
    complaints.push({ code: 'USAGE', text: '--query needs --data with the URL of a database.' })
  return { data, query: query ?? inherited ?? null }
}

function trackingUri(sources: Sources, option: string | undefined, complaints: Complaint[]): string {
  const { environment, written, fileFolder, folder } = sources
  // An empty variable is what scripts write for "not set".
  const outside = option ?? (environment.MLFLOW_TRACKING_URI || undefined)
  const chosen = outside ?? written.trackingUri ?? 'sqlite:///mlflow.db'
  const base = outside === undefined && written.trackingUri !== undefined ? fileFolder : folder
  const normalized = normalizeTrackingUri(chosen, base)
  if (normalized.complaint !== null) complaints.push(normalized.complaint)
  return normalized.uri ?? chosen
}

function artifacts(sources: Sources, option: string | undefined, complaints: Complaint[]): string | null {
  const { environment, written, fileFolder, folder } = sources
  const outside = option ?? (environment.CHURN_OPS_ARTIFACTS || undefined)
  const chosen = outside ?? written.artifacts
  if (chosen === undefined) return null
  const normalized = normalizeArtifacts(chosen, outside === undefined ? fileFolder : folder)
  if (normalized.complaint !== null) complaints.push(normalized.complaint)
  return normalized.place
}

// A plain word is a name (`documents`, `python3.12`), everything else is a file.
function namesFile(value: string): boolean {
  return value.includes('/') || value.endsWith('.json')
}

function located(
  option: string | undefined,
  written: string | undefined,
  { folder, fileFolder }: Sources,
  isFile: (value: string) => boolean,
): string | null {
  const value = option ?? written
  if (value === undefined) return null
  return isFile(value) && !isAbsolute(value)
    ? resolve(option === undefined ? fileFolder : folder, value)
    : value
}

function textOption(
  options: Readonly<Record<string, unknown>>,
  name: string,
  complaints: Complaint[],
): string | undefined {
  const value = options[name]
  if (value === undefined) return undefined
  // yargs hands over a number where a text looks like one.
  const text = String(value)
  if (text.trim() !== '') return text
  complaints.push({ code: 'USAGE', text: `--${name} is empty.` })
  return undefined
}

function numberOption(
  options: Readonly<Record<string, unknown>>,
  name: string,
  range: { minimum: number; maximum: number; whole: boolean },
  complaints: Complaint[],
): number | undefined {
  const value = options[name]
  if (value === undefined) return undefined
  const number =
    typeof value === 'number' ? value : /^-?\d+(\.\d+)?$/.test(String(value)) ? Number(value) : Number.NaN
  const fits =
    number >= range.minimum && number <= range.maximum && (!range.whole || Number.isInteger(number))
  if (fits) return number
  const kind = range.whole ? 'whole number' : 'number'
  const limit = range.maximum === Number.MAX_SAFE_INTEGER ? '' : ` to ${range.maximum}`
  const written = Number.isNaN(value) ? 'was given something else' : `was given ${String(value)}`
  complaints.push({
    code: 'USAGE',
    text: `--${name} must be a ${kind} from ${range.minimum}${limit}; it ${written}.`,
  })
  return undefined
}
