import { absolutePath } from '../../config/paths.js'
import { ChurnOpsError, EXIT } from '../../errors.js'
import type { Command, CommandContext } from '../command.js'

/** One version as an ES module. */
export const exportCommand: Command = {
  name: 'export',
  description: 'Write a forest as one ES module that answers as scikit-learn does, to the last bit',
  positionals: {
    number: { describe: 'Number of the version', type: 'string', demandOption: true },
  },
  options: {
    output: {
      type: 'string',
      requiresArg: true,
      describe: 'The module, a name ending in .mjs; its types go beside it (default: MODEL-vVERSION.mjs)',
    },
  },
  outputs: (context) => {
    const { module, types } = placesOf(context)
    return [module, types].map((path) => ({ option: 'output', path, writes: 'file' }))
  },
  async handler(context) {
    const { settings, services, options, progress } = context
    const { exportForest } = await import('../../usecases/serving/export-forest.js')
    const { renderExport } = await import('../render/export.js')
    const store = { trackingUri: settings.trackingUri, model: settings.model }
    const result = await exportForest(
      { store, version: String(options.number), output: placesOf(context) },
      { ...services, onProgress: progress },
    )
    return { result: { ...result }, text: renderExport(result), exitCode: EXIT.done }
  },
}

const MODULE = /\.mjs$/

function placesOf({ options, settings, folder }: Pick<CommandContext, 'options' | 'settings' | 'folder'>): {
  module: string
  types: string
} {
  const named = `${settings.model}-v${String(options.number).trim().replace(/^v/, '')}.mjs`
  const module = absolutePath(String(options.output ?? named), folder)
  if (!MODULE.test(module)) {
    throw new ChurnOpsError('USAGE', {
      message: `--output ${module} does not end in .mjs, by which Node.js knows a module. Nothing was written.`,
      hint: 'Run it again with a name like --output model.mjs.',
      details: { output: module },
    })
  }
  return { module, types: module.replace(MODULE, '.d.mts') }
}
