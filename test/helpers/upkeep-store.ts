import { execFileSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { packageRoot, pythonVariables } from '../../src/compose.js'
import { testPython } from './python.js'

/** Makes a real store without fitting anything; see `test/fixtures/upkeep.py` for the scenarios. */
export async function makeUpkeepStore(folder: string, scenario: 'whole' | 'cut-off'): Promise<string[]> {
  const python = await testPython()
  execFileSync(python, [join(packageRoot, 'test', 'fixtures', 'upkeep.py'), folder, scenario], {
    env: {
      ...process.env,
      ...pythonVariables(),
      PYTHONPATH: [join(packageRoot, 'python'), join(packageRoot, 'test', 'python')].join(delimiter),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return ['--python', python, '--tracking-uri', `sqlite:///${join(folder, 'mlflow.db')}`]
}
