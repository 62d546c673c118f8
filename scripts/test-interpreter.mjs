// The interpreter of the Python tests: CHURN_OPS_TEST_PYTHON, else that of the managed environment, made if missing.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Finds it; the program must be built. */
export function findPython(root) {
  const named = process.env.CHURN_OPS_TEST_PYTHON
  if (named !== undefined) return named
  console.log('\n--- Python environment')
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'dist', 'bin.js'), 'setup', '--json'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`churn-ops setup failed: ${stdout}`)
  return JSON.parse(stdout).result.python.interpreter
}
