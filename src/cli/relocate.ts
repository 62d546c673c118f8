import { ChurnOpsError, EXIT } from '../errors.js'
import type { CommandContext, CommandResult } from './command.js'

/** `doctor --relocate`: shows what would be written, asks, and has it done. */
export async function relocate({
  settings,
  services,
  options,
  progress,
  say,
}: CommandContext): Promise<CommandResult> {
  const { relocateStore } = await import('../usecases/upkeep/relocate-store.js')
  const { renderRelocation, renderRelocationPlan } = await import('./render/relocation.js')
  const result = await relocateStore(
    {
      store: { trackingUri: settings.trackingUri, model: settings.model },
      waitSeconds: settings.waitSeconds,
      confirm: async (plan) => {
        if (options.yes === true) return true
        // Whoever wants JSON or silence cannot be shown what the question is about.
        if (options.json === true || settings.quiet) throw unasked()
        say(renderRelocationPlan(plan))
        const answer = await services.ask('The database is backed up first. Continue? [y/N] ')
        if (answer === null) throw unasked()
        return answer
      },
    },
    { relocation: await services.storeRelocation(), onProgress: progress },
  )
  return { result: { relocation: result }, text: renderRelocation(result), exitCode: EXIT.done }
}

function unasked(): ChurnOpsError {
  return new ChurnOpsError('USAGE', {
    message:
      'doctor --relocate rewrites paths in the store, and there is no terminal to ask on; nothing was changed.',
    hint: 'Run `churn-ops doctor --relocate --yes`.',
  })
}
