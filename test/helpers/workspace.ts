import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../src/compose.js'
import { processesLeftIn } from './left-over.js'
import { testPython } from './python.js'

/** Two forests: the whole way of a training without its length. */
export const SMALL_GRID = { n_estimators: [50, 60], max_depth: [4], min_samples_split: [5] }

/** A user's folder with settings of its own. */
export interface Workspace {
  path: string
  /** Variables for commands: nothing of this shell decides, and everything that is started can be found again. */
  variables: Record<string, string | undefined>
  /** Command lines of the processes that were started here and still live after five seconds. */
  left(): Promise<string[]>
  remove(): void
}

/**
 * Makes a fresh folder with the interpreter of the tests in its `churn-ops.json`.
 *
 * @param settings further settings, such as a small grid
 */
export async function makeWorkspace(settings: Record<string, unknown> = {}): Promise<Workspace> {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'churn-ops-e2e-')))
  writeFileSync(
    join(path, 'churn-ops.json'),
    JSON.stringify({ python: await testPython(), grid: SMALL_GRID, ...settings }),
  )
  return {
    path,
    variables: {
      CHURN_OPS_TEST_FOLDER: path,
      MLFLOW_TRACKING_URI: undefined,
      npm_config_prefer_offline: 'true',
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_update_notifier: 'false',
    },
    left: () => processesLeftIn(path),
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  }
}

/** The built program as one word of a command line. */
export const PROGRAM = `'${process.execPath}' '${join(packageRoot, 'dist', 'bin.js')}'`

const NOT_CLONED = ['node_modules', 'dist', '.git', '.churn-ops', 'mlruns', '.ruff_cache', '.pytest_cache']

/** Copies the checkout as a clone would have it. */
export function copyCheckout(to: string): void {
  cpSync(packageRoot, to, {
    recursive: true,
    filter: (path) => {
      const name = path.slice(packageRoot.length).replace(/^\//, '')
      return !NOT_CLONED.includes(name) && !/\.tgz$|^mlflow\.db|__pycache__/.test(name)
    },
  })
}
