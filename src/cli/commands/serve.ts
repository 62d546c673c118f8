import { EXIT } from '../../errors.js'
import { allowPickleOption, namedPickle } from '../allow-pickle.js'
import type { Command } from '../command.js'

const ENGINES = ['auto', 'compiled', 'mlflow'] as const

export const serveCommand: Command = {
  name: 'serve',
  description: 'Serve the version in production over HTTP until Ctrl-C',
  options: {
    port: {
      type: 'number',
      requiresArg: true,
      default: 8000,
      describe: 'Port to listen on; 0 picks a free one',
    },
    host: {
      type: 'string',
      requiresArg: true,
      default: '127.0.0.1',
      describe:
        'Address to listen on; any other than a loopback address needs an API key in CHURN_OPS_API_KEY',
    },
    'allow-host': {
      type: 'string',
      requiresArg: true,
      array: true,
      describe: 'Another host name that requests may use (Host header)',
    },
    engine: {
      choices: ENGINES,
      default: 'auto',
      describe: 'What computes the answers: a proven compiled forest, or the server of MLflow',
    },
    pin: { type: 'string', requiresArg: true, describe: 'Serve this version and stay with it' },
    'allow-pickle': allowPickleOption,
  },
  async handler({ options, settings, services, progress, announce, say, signal }) {
    const { serve } = await import('../../usecases/serving/serve.js')
    const { followChampion } = await import('../../usecases/serving/follow-champion.js')
    const { renderServing } = await import('../render/serving.js')
    const request = {
      store: { trackingUri: settings.trackingUri, model: settings.model },
      port: options.port,
      host: String(options.host),
      allowedHosts: Array.isArray(options['allow-host']) ? options['allow-host'].map(String) : [],
      apiKey: process.env.CHURN_OPS_API_KEY,
      engine: ENGINES.find((name) => name === options.engine) ?? 'auto',
      pin: options.pin === undefined ? null : String(options.pin),
      allowPickle: namedPickle(options['allow-pickle']),
      idColumn: settings.schema.id,
    }
    const needs = {
      ...services,
      requestLog: () => services.requestLog(say),
      notifier: () => services.notifier(settings.notices),
      now: () => new Date().toISOString(),
      pid: process.pid,
      onProgress: progress,
      say,
    }
    const serving = await serve(request, needs)
    const { front, served, notes } = serving
    const { version, proof } = served
    const facts = { url: front.url, version, pid: process.pid, engine: served.engine.kind }
    announce({
      result: { ...facts, proof, reason: served.reason, notes },
      text: [...notes, renderServing({ ...facts, model: settings.model })].join('\n'),
      exitCode: EXIT.done,
    })
    // Ctrl-C ends the wait from outside.
    await followChampion(serving, request, needs, signal)
    return { result: {}, text: '', exitCode: EXIT.done }
  },
}
