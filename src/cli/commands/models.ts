import { EXIT } from '../../errors.js'
import type { Command } from '../command.js'

/** The table of versions. */
export const modelsCommand: Command = {
  name: 'models',
  description: 'List the versions with stage, aliases, F1, threshold, data and age',
  options: {
    wide: { type: 'boolean', describe: 'Also show the run, f1_oof, the search and the reason for the stage' },
  },
  async handler({ settings, services, options }) {
    const { models } = await import('../../usecases/registry/models.js')
    const { renderModels } = await import('../render/models.js')
    const store = { trackingUri: settings.trackingUri, model: settings.model }
    const versions = await models(store, { registry: await services.registry() })
    return {
      result: { model: settings.model, versions },
      text: renderModels(versions, settings.model, { wide: options.wide === true, now: new Date() }),
      exitCode: EXIT.done,
    }
  },
}
