import { EXIT } from '../../errors.js'
import type { Command } from '../command.js'

/** Makes the Python environment, or takes it away. */
export const setupCommand: Command = {
  name: 'setup',
  description: 'Create the Python environment (other commands do it on first use)',
  options: { remove: { type: 'boolean', describe: 'Remove the environment' } },
  async handler({ options, services, progress, signal }) {
    const environments = await services.environments()
    if (options.remove === true) {
      const { removed } = await environments.remove()
      return {
        result: { python: null, environment: null, removed },
        text: removed === null ? 'There is no environment to remove.' : `Removed ${removed}`,
        exitCode: EXIT.done,
      }
    }
    const { setup } = await import('../../usecases/environment/setup.js')
    const { describeEnvironment, environmentFacts } = await import('../render/environment.js')
    const { ready, created } = await setup(environments, progress, signal)
    return {
      result: environmentFacts(ready, created),
      text: describeEnvironment(ready, created),
      exitCode: EXIT.done,
    }
  },
}
