import { ChurnOpsError, EXIT } from '../../errors.js'
import { allowPickleOption, namedPickle } from '../allow-pickle.js'
import type { Command } from '../command.js'

/** Goes back to a version that was live before. */
export const rollbackCommand: Command = {
  name: 'rollback',
  description: 'Go back to the last version that was in production, or to a given one',
  options: {
    to: {
      type: 'string',
      requiresArg: true,
      describe: 'The version (default: the champion before this one)',
    },
    'allow-pickle': allowPickleOption,
    'dry-run': { type: 'boolean', describe: 'Check the version and change nothing' },
    actor: {
      type: 'string',
      requiresArg: true,
      describe: 'Name of the person who rolls back, for the journal (default: user@host)',
    },
    wait: {
      type: 'string',
      requiresArg: true,
      describe: 'Seconds to wait while another process writes (default 60)',
    },
  },
  async handler({ options, settings, services, progress }) {
    const to = options.to === undefined ? null : versionNumber(String(options.to))
    const { rollback } = await import('../../usecases/registry/rollback.js')
    const { renderRollback } = await import('../render/rollback.js')
    const result = await rollback(
      {
        store: { trackingUri: settings.trackingUri, model: settings.model },
        to,
        columns: settings.schema.features.map(({ name }) => name),
        allowPickle: namedPickle(options['allow-pickle']),
        dryRun: options['dry-run'] === true,
        actor: typeof options.actor === 'string' ? options.actor : services.actor,
        waitSeconds: settings.waitSeconds,
      },
      {
        registry: await services.registry(),
        comparer: services.comparer,
        journal: await services.journal(),
        notifier: () => services.notifier(settings.notices),
        onProgress: progress,
      },
    )
    return {
      result: { ...result },
      text: renderRollback(result, settings.model),
      exitCode: EXIT.done,
    }
  },
}

function versionNumber(text: string): string {
  if (/^[1-9]\d*$/.test(text)) return text
  throw new ChurnOpsError('USAGE', {
    message: `--to ${text} is not a version number; nothing was moved.`,
    hint: 'Run `churn-ops models` to list the versions.',
    details: { to: text },
  })
}
