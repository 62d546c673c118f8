import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { availableParallelism, hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AskPython } from './bridge/ask-python.js'
import type { PythonOwner } from './bridge/python-owner.js'
import type { PythonProcess, PythonProcessOptions } from './bridge/python-process.js'
import { composeForest, type ForestServices } from './compose/forest.js'
import { once } from './compose/once.js'
import { composeServing, type ServingServices } from './compose/serving.js'
import type { OnProgress } from './domain/progress.js'
import { stateFolderOf } from './files/state-folder.js'
import type { TemporaryFolder } from './process/temporary-folder.js'
import type { DriftDetector } from './usecases/ports/drift.js'
import type { HostChecks, PythonEnvironments } from './usecases/ports/environment.js'
import type { Reporter } from './usecases/ports/evidence.js'
import type { Comparer, Notifier } from './usecases/ports/promotion.js'
import type { Pruner, StoreInspector } from './usecases/ports/recovery.js'
import type { Journal, Registry } from './usecases/ports/registry.js'
import type { StoreRelocation } from './usecases/ports/relocation.js'
import type { FindPortHolder, InputFile, PredictionFile } from './usecases/ports/serving.js'
import type { Quarantine, TableExporter } from './usecases/ports/tables.js'
import type { Trainer } from './usecases/ports/training.js'
import type { StoreSchema } from './usecases/ports/upgrade.js'

/** The folder that holds `python/`, `data/` and `requirements.txt`. */
export const packageRoot = fileURLToPath(new URL('..', import.meta.url))

/** Starts a Python process, or lends one that would be the same; `dispose` ends it or gives it back. */
export type StartPython = (options: PythonProcessOptions) => Promise<Pick<PythonProcess, 'call' | 'dispose'>>

/** What composing needs to know. */
export interface ComposeOptions {
  trackingUri: string
  /** The user's own interpreter; null for the managed environment. */
  python: string | null
  onProgress: OnProgress
  signal?: AbortSignal
  /** Starts Python or lends a running one; a process of our own when left out. */
  startPython?: StartPython | undefined
}

/** Everything outside the decisions, made when first asked for. */
export interface Services extends ServingServices, ForestServices {
  environments(): Promise<PythonEnvironments>
  hostChecks(): Promise<HostChecks>
  trainer(): Promise<Trainer>
  registry(): Promise<Registry>
  storeInspector(): Promise<StoreInspector>
  pruner(): Promise<Pruner>
  storeSchema(): Promise<StoreSchema>
  storeRelocation(): Promise<StoreRelocation>
  comparer(): Promise<Comparer>
  /** Notices to these addresses, which may hold secrets. */
  notifier(addresses: { urls: string[]; missing: string[] }): Promise<Notifier>
  journal(): Promise<Journal>
  quarantine(): Promise<Quarantine>
  portHolder: FindPortHolder
  /** A file by its absolute path, or `-` for standard input. */
  openInput(path: string): Promise<InputFile>
  predictionFile(path: string): Promise<PredictionFile>
  /** Asks for a yes or no on the terminal; null when there is none. */
  ask(question: string): Promise<boolean | null>
  driftDetector(): Promise<DriftDetector>
  reporter(): Promise<Reporter>
  /** Writes Parquet files and the rows of queries as CSV files into the state folder. */
  tableExporter(): Promise<TableExporter>
  packageVersion: string
  lockSha256: string
  /** Processors that training may use. */
  cores: number
  /** Who moves models: user and host. */
  actor: string
  /** Folder for state that is outside MLflow. */
  stateFolder: string
  /** Absolute path of the bundled Telco table. */
  bundledData: string
  temporaryFolder(prefix: string): Promise<TemporaryFolder>
  /** Runs work that asks Python and ends the process after it, unless somebody else is at such work. */
  withPython<T>(work: () => Promise<T>): Promise<T>
  /** Ends Python and whatever else was started. */
  dispose(): Promise<void>
}

/** Joins use-cases with what they need; nothing is loaded or started before it is asked for. */
export function compose(options: ComposeOptions): Services {
  const stateFolder = stateFolderOf(options.trackingUri)
  const environments = once(async () => {
    const { createPythonEnvironments } = await import('./environment/python-environments.js')
    return createPythonEnvironments({ python: options.python, packageRoot })
  })
  const python = once(async (): Promise<PythonOwner> => {
    const { createPythonOwner } = await import('./bridge/python-owner.js')
    return createPythonOwner(async () => {
      const ready = await (await environments()).ensure(options.onProgress, options.signal)
      const start = options.startPython ?? (await import('./bridge/python-process.js')).PythonProcess.start
      return start({
        interpreter: ready.interpreter,
        entry: join(packageRoot, 'python', 'churn_ops_entry.py'),
        environment: {
          ...pythonVariables(),
          CHURN_OPS_STATE: stateFolder,
          CHURN_OPS_TEMPLATES: ready.folder === null ? undefined : join(ready.folder, 'stores'),
        },
      })
    })
  })
  const unfinished: (() => Promise<void>)[] = []
  const ask: AskPython = async (...parameters) => {
    const { askPython } = await import('./bridge/ask-python.js')
    return askPython((await python()).call)(...parameters)
  }

  const serving = composeServing({
    stateFolder,
    variables: pythonVariables(),
    launcher: join(packageRoot, 'python', 'churn_ops_launch.py'),
    interpreter: async () => (await environments()).ensure(options.onProgress, options.signal),
    onProgress: options.onProgress,
  })

  return {
    ...serving.services,
    ...composeForest({ stateFolder, packageVersion: packageVersion(), packageRoot, ask }),
    environments,
    hostChecks: once(async () =>
      (await import('./environment/host-checks.js')).createHostChecks({
        trackingUri: options.trackingUri,
        stateFolder,
      }),
    ),
    trainer: once(async () => (await import('./bridge/trainer.js')).createTrainer(ask)),
    registry: once(async () => (await import('./bridge/registry.js')).createRegistry(ask)),
    storeSchema: once(async () => (await import('./bridge/store-schema.js')).createStoreSchema(ask)),
    storeRelocation: once(async () =>
      (await import('./bridge/store-relocation.js')).createStoreRelocation(ask),
    ),
    storeInspector: once(async () => (await import('./bridge/store-inspector.js')).createStoreInspector(ask)),
    pruner: once(async () => (await import('./bridge/pruner.js')).createPruner(ask)),
    comparer: once(async () => (await import('./bridge/comparer.js')).createComparer(ask)),
    notifier: async (addresses) => (await import('./bridge/notifier.js')).createNotifier(ask, addresses),
    driftDetector: once(async () => {
      const detector = (await import('./bridge/drift-detector.js')).createDriftDetector(ask)
      unfinished.push(() => detector.dispose())
      return detector
    }),
    reporter: once(async () => (await import('./bridge/reporter.js')).createReporter(ask)),
    tableExporter: once(async () => {
      const { createTableExporter } = await import('./bridge/table-exporter.js')
      const exporter = createTableExporter(ask, join(stateFolder, 'tables'))
      unfinished.push(() => exporter.dispose())
      return exporter
    }),
    journal: once(async () =>
      (await import('./files/journal.js')).createJournal(stateFolder, options.trackingUri),
    ),
    quarantine: once(async () => (await import('./files/quarantine.js')).createQuarantine(stateFolder)),
    portHolder: async (port) => (await import('./process/port-holder.js')).portHolder(port),
    openInput: async (path) => {
      const { openInput } = await import('./files/input-file.js')
      const opened = await openInput(path, { stateFolder, standardInput: process.stdin })
      unfinished.push(() => opened.dispose())
      return opened
    },
    predictionFile: async (path) => {
      const opened = await (await import('./files/prediction-file.js')).openPredictionFile(path)
      unfinished.push(() => opened.discard())
      return opened
    },
    ask: async (question) =>
      (await import('./process/ask.js')).ask(question, { input: process.stdin, output: process.stderr }),
    packageVersion: packageVersion(),
    cores: availableParallelism(),
    actor: currentActor(),
    lockSha256: createHash('sha256')
      .update(readFileSync(join(packageRoot, 'requirements.txt')))
      .digest('hex'),
    stateFolder,
    bundledData: join(packageRoot, 'data', 'telco-customer-churn.csv'),
    temporaryFolder: async (prefix) =>
      (await import('./process/temporary-folder.js')).createTemporaryFolder(prefix),
    withPython: async (work) => (await python()).lease(work),
    dispose: async () => {
      const ended: Promise<unknown>[] = [serving.dispose(), ...unfinished.map((remove) => remove())]
      if (python.started()) ended.push(python().then((owner) => owner.dispose()))
      if (environments.started()) ended.push(environments().then((started) => started.dispose()))
      await Promise.allSettled(ended)
    },
  }
}

/** Variables that every Python process of ours gets: nothing calls home, nothing retries for minutes. */
export function pythonVariables(): Record<string, string> {
  return {
    MLFLOW_DISABLE_TELEMETRY: 'true',
    DO_NOT_TRACK: '1',
    // The list of language models that a web UI would fetch.
    MLFLOW_MODEL_CATALOG_URI: '',
    // A line with the address of the store, password and all.
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: 'true',
    // A server that has gone silent is told within ten seconds; MLflow would ask it seven times.
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
    MLFLOW_HTTP_REQUEST_TIMEOUT: process.env.MLFLOW_HTTP_REQUEST_TIMEOUT ?? '6',
    GIT_PYTHON_REFRESH: 'quiet',
    // Threads of OpenMP and OpenBLAS spin while they wait; on busy cores a boosted tree then takes 50 times as long. One
    // thread also adds in one order, so that a model is the same on any number of cores.
    OMP_WAIT_POLICY: 'PASSIVE',
    OPENBLAS_NUM_THREADS: '1',
  }
}

function currentActor(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    // A container may run under a user id without a name.
    return `${process.getuid?.() ?? 'unknown'}@${hostname()}`
  }
}

/** The version in package.json. */
export function packageVersion(): string {
  const read: unknown = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
  return String((read as { version?: unknown }).version)
}
