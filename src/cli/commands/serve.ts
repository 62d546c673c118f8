import { EXIT } from '../../errors.js'
import { allowPickleOption, namedPickle } from '../allow-pickle.js'
import type { Command } from '../command.js'

export const serveCommand: Command = {
  name: 'serve',
  description: 'Serve the version in production over HTTP until Ctrl-C',
  options: {
    port: {
      type: 'number',
      requiresArg: true,
      default: 8000,
      describe: 'Port on 127.0.0.1; 0 picks a free one',
    },
    'allow-pickle': allowPickleOption,
  },
  async handler({ options, settings, services, progress, announce }) {
    const { serve } = await import('../../usecases/serving/serve.js')
    const { renderServing } = await import('../render/serving.js')
    const { untilServerEnds } = await import('../../usecases/serving/server-ended.js')
    const store = { trackingUri: settings.trackingUri, model: settings.model }
    const allowPickle = namedPickle(options['allow-pickle'])
    const running = await serve(
      { store, port: options.port, allowPickle },
      { ...services, onProgress: progress },
    )
    const { url, version, pid, notes } = running
    announce({
      result: { url, version, pid, notes },
      text: [...notes, renderServing({ url, version, pid, model: settings.model })].join('\n'),
      exitCode: EXIT.done,
    })
    // Ctrl-C ends the wait from outside; only the server's own end is seen here.
    return untilServerEnds(running, 'model server')
  },
}
