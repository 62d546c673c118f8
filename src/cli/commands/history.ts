import { EXIT } from '../../errors.js'
import type { Command } from '../command.js'

/** The journal of moves. */
export const historyCommand: Command = {
  name: 'history',
  description: 'Print every move of the versions; with --at, which version was live at that time',
  options: {
    at: {
      type: 'string',
      requiresArg: true,
      describe: 'A date such as 2026-11-20 (end of that day, local time) or a timestamp',
    },
  },
  async handler({ options, settings, services }) {
    const { momentOf } = await import('../../domain/registry/day-end.js')
    const at = options.at === undefined ? null : momentOf(String(options.at))
    const { history } = await import('../../usecases/registry/history.js')
    const { renderHistory } = await import('../render/history.js')
    const store = { trackingUri: settings.trackingUri, model: settings.model }
    const result = await history(store, at, {
      registry: await services.registry(),
      journal: await services.journal(),
    })
    return { result: { ...result }, text: renderHistory(result, settings.model), exitCode: EXIT.done }
  },
}
