import { EXIT } from '../../errors.js'
import type { Command } from '../command.js'

export const serveCommand: Command = {
  name: 'serve',
  description: 'Serve the version in production over HTTP until Ctrl-C',
  options: {
    port: {
      type: 'number',
      requiresArg: true,
      default: 8000,
      describe: 'Port on 127.0.0.1; 0 takes a free one',
    },
  },
  async handler({ options, settings, services, progress, announce }) {
    const { serve } = await import('../../usecases/serve.js')
    const { renderServing } = await import('../render/serving.js')
    const { untilServerEnds } = await import('../../usecases/server-ended.js')
    const store = { trackingUri: settings.trackingUri, model: settings.model }
    const running = await serve({ store, port: options.port }, { ...services, onProgress: progress })
    const { url, version, pid } = running
    announce({
      result: { url, version, pid },
      text: renderServing({ url, version, pid, model: settings.model }),
      exitCode: EXIT.done,
    })
    // Ctrl-C ends the wait from outside; only the server's own end is seen here.
    return untilServerEnds(running, 'model server')
  },
}
