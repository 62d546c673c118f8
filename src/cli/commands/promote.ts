import { EXIT } from '../../errors.js'
import type { Command } from '../command.js'

/** Decides what is Archived, Staging and Production. */
export const promoteCommand: Command = {
  name: 'promote',
  description: 'Move versions to Archived, Staging and Production by a policy',
  options: {
    policy: { type: 'string', requiresArg: true, describe: 'Policy by name (default: documents)' },
    'dry-run': { type: 'boolean', describe: 'Print the plan and change nothing' },
    actor: {
      type: 'string',
      requiresArg: true,
      describe: 'Who promotes, for the journal (default: user@host)',
    },
    wait: { type: 'string', requiresArg: true, describe: 'Seconds to wait for another writer (default 60)' },
  },
  async handler(context) {
    const { runPromotion } = await import('../run-training.js')
    const { renderPromotion } = await import('../render/promotion.js')
    const { settings, services, options } = context
    const result = await runPromotion(context, {
      policy: settings.policy,
      dryRun: options['dry-run'] === true,
      actor: typeof options.actor === 'string' ? options.actor : services.actor,
    })
    return { result: { ...result }, text: renderPromotion(result, settings.model), exitCode: EXIT.done }
  },
}
