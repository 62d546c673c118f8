import { ChurnOpsError, EXIT } from '../../errors.js'
import type { Command } from '../command.js'

const KEEP = 3

/** Deletes old versions with their files. */
export const pruneCommand: Command = {
  name: 'prune',
  description:
    'Delete old versions and their files, but never one that is live, was live before or is needed',
  options: {
    keep: {
      type: 'string',
      requiresArg: true,
      describe: `Number of newest trainings that keep all their versions (default ${KEEP})`,
    },
    'older-than': {
      type: 'string',
      requiresArg: true,
      describe: 'Delete only versions older than this many days',
    },
    'dry-run': { type: 'boolean', describe: 'Show what would be deleted and delete nothing' },
    yes: { type: 'boolean', describe: 'Do not ask' },
    wait: {
      type: 'string',
      requiresArg: true,
      describe: 'Seconds to wait while another process writes (default 60)',
    },
  },
  async handler({ options, settings, services, progress, say }) {
    const rules = {
      keep: count('--keep', options.keep) ?? KEEP,
      olderThanDays: count('--older-than', options['older-than']),
    }
    const dryRun = options['dry-run'] === true
    const { prune } = await import('../../usecases/upkeep/prune.js')
    const { renderPrune, renderPrunePlan } = await import('../render/prune.js')
    const result = await prune(
      {
        store: { trackingUri: settings.trackingUri, model: settings.model },
        rules,
        dryRun,
        waitSeconds: settings.waitSeconds,
        confirm: async (plan) => {
          if (options.yes === true) return true
          // Whoever wants JSON or silence cannot be shown what the question is about.
          if (options.json === true || settings.quiet) throw unasked()
          say(renderPrunePlan(plan))
          const answer = await services.ask('They cannot be restored. Delete them? [y/N] ')
          if (answer === null) throw unasked()
          return answer
        },
      },
      {
        registry: await services.registry(),
        journal: await services.journal(),
        pruner: await services.pruner(),
        onProgress: progress,
        now: new Date(),
      },
    )
    return { result: { ...result }, text: renderPrune(result, dryRun), exitCode: EXIT.done }
  },
}

function count(option: string, value: unknown): number | null {
  if (value === undefined) return null
  if (/^\d{1,6}$/.test(String(value))) return Number(value)
  throw new ChurnOpsError('USAGE', {
    message: `${option} ${String(value)} is not a whole number; nothing was deleted.`,
    hint: `Give a number, such as \`${option} 3\`.`,
    details: { option, value: String(value) },
  })
}

function unasked(): ChurnOpsError {
  return new ChurnOpsError('USAGE', {
    message: 'prune deletes files, and there is no terminal to ask on; nothing was deleted.',
    hint: 'Check with `churn-ops prune --dry-run`, then run it with --yes.',
  })
}
