import { EXIT } from '../../errors.js'
import type { Command } from '../command.js'

/** Prints the lines that put the environment's programs and our store into a shell. */
export const envCommand: Command = {
  name: 'env',
  description: 'Print shell lines for `mlflow` itself: eval "$(npx churn-ops env)"',
  async handler({ settings, services, progress, signal }) {
    const { binFolder, interpreter } = await (await services.environments()).ensure(progress, signal)
    const { shellLines } = await import('../../usecases/environment/env.js')
    const { trackingUri } = settings
    return {
      result: { binFolder, interpreter, trackingUri },
      text: shellLines({ binFolder, trackingUri }).join('\n'),
      exitCode: EXIT.done,
    }
  },
}
