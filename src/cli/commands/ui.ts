import { EXIT } from '../../errors.js'
import type { Command } from '../command.js'

export const uiCommand: Command = {
  name: 'ui',
  description: "Open MLflow's web UI on the store until Ctrl-C",
  options: {
    port: {
      type: 'number',
      requiresArg: true,
      default: 5000,
      describe: 'Port on 127.0.0.1; 0 picks a free one',
    },
  },
  async handler({ options, settings, services, progress, announce }) {
    const { ui } = await import('../../usecases/serving/ui.js')
    const { untilServerEnds } = await import('../../usecases/serving/server-ended.js')
    const store = { trackingUri: settings.trackingUri, model: settings.model }
    const opened = await ui({ store, port: options.port }, { ...services, onProgress: progress })
    if (opened.kind === 'there-already') {
      const { url } = opened
      return { result: { url, pid: null }, text: `This store has its web UI at ${url}`, exitCode: EXIT.done }
    }
    const { url, pid } = opened.server
    announce({
      result: { url, pid },
      text: `MLflow's web UI is at ${url} (process ${pid}). Ctrl-C stops it.`,
      exitCode: EXIT.done,
    })
    // Ctrl-C ends the wait from outside; only the server's own end is seen here.
    return untilServerEnds(opened.server, 'web UI')
  },
}
