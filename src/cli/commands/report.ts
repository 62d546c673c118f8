import { EXIT } from '../../errors.js'
import { chosenOutput } from '../chosen-output.js'
import type { Command } from '../command.js'

/** Model card, pictures and tables of one version. */
export const reportCommand: Command = {
  name: 'report',
  description: 'Write the model card, curves, importance and slices of a version, and log them to its run',
  positionals: {
    number: { describe: 'Number of the version', type: 'string', demandOption: true },
  },
  options: {
    output: {
      type: 'string',
      requiresArg: true,
      describe: 'Folder for the copies (default: reports/MODEL-vVERSION in the state folder)',
    },
    wait: {
      type: 'string',
      requiresArg: true,
      describe: 'Seconds to wait while another process writes (default 60)',
    },
  },
  outputs: ({ options, folder }) =>
    chosenOutput('output', ['model_card.md', 'evidence'], { options, folder }),
  async handler({ options, settings, services, folder, progress }) {
    const { absolutePath } = await import('../../config/paths.js')
    const { report } = await import('../../usecases/training/report.js')
    const { renderEvidence } = await import('../render/evidence.js')
    const chosen = typeof options.output === 'string' ? absolutePath(options.output, folder) : null
    const result = await report(
      {
        store: { trackingUri: settings.trackingUri, model: settings.model },
        version: String(options.number),
        output: (version) => chosen ?? `${services.stateFolder}/reports/${settings.model}-v${version}`,
        waitSeconds: settings.waitSeconds,
      },
      { reporter: services.reporter, onProgress: progress },
    )
    return { result: { ...result }, text: renderEvidence(result), exitCode: EXIT.done }
  },
}
