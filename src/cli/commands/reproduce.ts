import { EXIT } from '../../errors.js'
import type { Command } from '../command.js'

/** Trains a version again and compares. */
export const reproduceCommand: Command = {
  name: 'reproduce',
  description: 'Train a version again from its records and report any difference',
  positionals: {
    number: { describe: 'Number of the version', type: 'string', demandOption: true },
  },
  options: {
    data: {
      type: 'string',
      requiresArg: true,
      describe: 'Where its data is now (default: the recorded path)',
    },
  },
  async handler({ options, settings, services, folder, progress }) {
    const { absolutePath } = await import('../../config/paths.js')
    const { reproduce } = await import('../../usecases/training/reproduce.js')
    const { renderReproduction } = await import('../render/evidence.js')
    const result = await reproduce(
      {
        store: { trackingUri: settings.trackingUri, model: settings.model },
        version: String(options.number),
        // A table in the settings need not be the one of this version.
        data: typeof options.data === 'string' ? absolutePath(options.data, folder) : null,
        packageVersion: services.packageVersion,
        lockSha256: services.lockSha256,
      },
      { reporter: services.reporter, onProgress: progress },
    )
    return {
      result: { ...result },
      text: renderReproduction(result),
      exitCode: result.equal ? EXIT.done : EXIT.no,
    }
  },
}
