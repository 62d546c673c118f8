import { EXIT } from '../../errors.js'
import { chosenOutput } from '../chosen-output.js'
import type { Command } from '../command.js'

/** The log of scored rows. */
export const logCommand: Command = {
  name: 'log',
  description: 'Show the rows that were scored, or export them',
  options: {
    limit: { type: 'number', requiresArg: true, default: 20, describe: 'How many of the last rows to show' },
    source: {
      type: 'string',
      requiresArg: true,
      describe: 'Rows of one source alone, such as request, predict or monitor',
    },
    since: {
      type: 'string',
      requiresArg: true,
      describe: 'Rows from this moment on, such as 2026-11-20 or 2026-11-20T08:00:00Z',
    },
    output: {
      type: 'string',
      requiresArg: true,
      describe: 'Write the rows to this file: CSV by its name, else JSON lines',
    },
  },
  outputs: ({ options, folder }) => chosenOutput('output', 'file', { options, folder }),
  async handler({ options, folder, services }) {
    const { showLog } = await import('../../usecases/serving/show-log.js')
    const { renderLog } = await import('../render/request-log.js')
    const { momentFrom } = await import('../../domain/serving/log-moment.js')
    const { absolutePath } = await import('../../config/paths.js')
    const since = options.since === undefined ? null : momentFrom(String(options.since))
    const reader = await services.requestLogReader()
    const output =
      typeof options.output === 'string'
        ? await services.logExport(absolutePath(options.output, folder))
        : null
    const source = options.source === undefined ? null : String(options.source)
    const shown = await showLog({ limit: options.limit, source, since }, reader, output)
    return { result: { ...shown }, text: renderLog(shown), exitCode: EXIT.done }
  },
}
