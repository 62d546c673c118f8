import { packageRoot } from '../../src/compose.js'
import { createPythonEnvironments } from '../../src/environment/python-environments.js'

/** The interpreter that integration tests use: CHURN_OPS_TEST_PYTHON, else the managed environment, made when missing. */
export async function testPython(): Promise<string> {
  const named = process.env.CHURN_OPS_TEST_PYTHON
  if (named !== undefined) return named
  const ready = await createPythonEnvironments({ python: null, packageRoot }).ensure(() => undefined)
  return ready.interpreter
}
