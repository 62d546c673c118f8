import { EXIT } from '../../errors.js'
import type { Command } from '../command.js'

/** The table of versions. */
export const modelsCommand: Command = {
  name: 'models',
  description: 'List the versions with stage, aliases and F1',
  async handler({ settings, services }) {
    const { models } = await import('../../usecases/models.js')
    const { renderModels } = await import('../render/models.js')
    const store = { trackingUri: settings.trackingUri, model: settings.model }
    const versions = await models(store, { registry: await services.registry() })
    return {
      result: { model: settings.model, versions },
      text: renderModels(versions, settings.model),
      exitCode: EXIT.done,
    }
  },
}
