import type { Finding } from '../../contract/upkeep.js'
import { aliasedChampion } from '../../domain/registry/champion.js'
import type { ModelVersion } from '../../domain/registry/model-version.js'
import type { StoreAddress } from '../../domain/store-address.js'
import { ChurnOpsError, ERROR_TABLE, EXIT, type ExitCode } from '../../errors.js'
import type { Check, EnvironmentReport, HostChecks, PythonEnvironments } from '../ports/environment.js'
import type { Registry } from '../ports/registry.js'
import { invariantRows } from './invariant-rows.js'

/** What `doctor` needs; the registry starts Python and is asked for only when that can work. */
export interface DoctorNeeds {
  environments: PythonEnvironments
  hostChecks: HostChecks
  registry: () => Promise<Pick<Registry, 'versions'>>
  /** What disagrees in the registry, as sentences; asked only when the model can be read. */
  disagreements?: () => Promise<string[]>
  /** What the store's invariants gave; asked only when the store can be read. */
  findings?: () => Promise<Finding[]>
  store: StoreAddress
  port: number
}

/** Every row, and what Python is used. */
export interface Diagnosis extends Pick<EnvironmentReport, 'ready' | 'python'> {
  checks: Check[]
}

/** Checks everything that churn-ops depends on; installs and changes nothing. */
export async function doctor(needs: DoctorNeeds): Promise<Diagnosis> {
  const { hostChecks } = needs
  const [report, folder, temporary, store, port] = await Promise.all([
    needs.environments.inspect(),
    hostChecks.folder(),
    hostChecks.temporary(),
    hostChecks.store(),
    hostChecks.port(needs.port),
  ])
  const model = await checkModel(needs, report, store)
  const readable = model.check.ok && store.exists && store.check.ok && report.ready !== null
  const stages = readable ? await checkStages(needs) : []
  const invariants = readable ? await checkInvariants(needs, model.versions) : []
  return {
    ready: report.ready,
    python: report.python,
    checks: [...report.checks, folder, temporary, store.check, model.check, ...stages, ...invariants, port],
  }
}

/** Exit code of the first failing row; 0 when all are well. */
export function exitCodeOfChecks(checks: readonly Check[]): ExitCode {
  const failing = checks.find((check) => !check.ok)
  if (failing === undefined) return EXIT.done
  return failing.code === null ? EXIT.bug : ERROR_TABLE[failing.code].exit
}

async function checkModel(
  needs: DoctorNeeds,
  report: EnvironmentReport,
  store: { check: Check; exists: boolean },
): Promise<{ check: Check; versions: readonly ModelVersion[] }> {
  const { model } = needs.store
  const without = (check: Check) => ({ check, versions: [] })
  if (!store.check.ok) return without(row(model, 'not checked: the store cannot be reached'))
  if (!store.exists) return without(row(model, describeVersions([])))
  if (report.ready === null) return without(row(model, 'not checked: the Python environment is not ready'))
  try {
    const versions = await (await needs.registry()).versions(needs.store)
    return { check: row(model, describeVersions(versions)), versions }
  } catch (error) {
    if (!(error instanceof ChurnOpsError)) throw error
    if (error.code === 'NO_VERSIONS') return without(row(model, describeVersions([])))
    const { message, hint: cure, code } = error
    return without({ name: rowName(model), ok: false, message, cure, code })
  }
}

async function checkStages({ disagreements, store: { model } }: DoctorNeeds): Promise<Check[]> {
  if (disagreements === undefined) return []
  const name = `stages of ${model}`
  const problems = await disagreements().catch((error: unknown) => {
    // A store without the model has nothing that could disagree.
    if (error instanceof ChurnOpsError && error.code === 'NO_VERSIONS') return []
    throw error
  })
  if (problems.length === 0)
    return [{ name, ok: true, message: 'alias, stages, tags and journal agree', cure: null, code: null }]
  const cure = problems.some((problem) => problem.endsWith('is deleted'))
    ? 'churn-ops rollback, then churn-ops doctor --fix'
    : 'churn-ops doctor --fix'
  return [{ name, ok: false, message: problems.join('; '), cure, code: 'REGISTRY_DISAGREES' }]
}

async function checkInvariants(
  { findings, store: { model } }: DoctorNeeds,
  versions: readonly ModelVersion[],
): Promise<Check[]> {
  if (findings === undefined) return []
  try {
    return invariantRows(model, await findings(), versions)
  } catch (error) {
    if (!(error instanceof ChurnOpsError)) throw error
    return [{ name: 'store check', ok: false, message: error.message, cure: error.hint, code: error.code }]
  }
}

/** The model in one line: how many versions, which one is live. */
export function describeVersions(versions: readonly ModelVersion[]): string {
  if (versions.length === 0) return 'no version yet: run `churn-ops train`'
  const count = versions.length === 1 ? '1 version' : `${versions.length} versions`
  const champion = aliasedChampion(versions)
  if (champion === null) return `${count}, none in production: run \`churn-ops promote\``
  const f1 = champion.f1 === null ? '' : `, F1 ${champion.f1.toFixed(4)}`
  return `${count}, champion is version ${champion.version}${f1}`
}

function row(model: string, message: string): Check {
  return { name: rowName(model), ok: true, message, cure: null, code: null }
}

function rowName(model: string): string {
  return `model ${model}`
}
