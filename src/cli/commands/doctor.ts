import { EXIT } from '../../errors.js'
import type { Command } from '../command.js'
import { relocate } from '../relocate.js'

const SERVE_PORT = 8000

/** Checks everything that churn-ops depends on and says how to fix what is wrong. */
export const doctorCommand: Command = {
  name: 'doctor',
  description: 'Check Node, Python, packages, store, model and port, and say how to fix problems',
  options: {
    fix: {
      type: 'boolean',
      describe: 'Repair what was interrupted: runs, moves, stages, duplicates, journal, leftover files',
    },
    'upgrade-store': {
      type: 'boolean',
      describe: 'Back up and upgrade a store of an older MLflow; do nothing else',
    },
    relocate: {
      type: 'boolean',
      describe: 'Update the file paths in a store that was moved, copied or restored; do nothing else',
    },
    yes: { type: 'boolean', describe: 'Do not ask before --relocate' },
    wait: {
      type: 'string',
      requiresArg: true,
      describe: 'Seconds to wait while another process writes (default 60)',
    },
  },
  async handler(context) {
    const { settings, services, options, progress } = context
    const { doctor, exitCodeOfChecks } = await import('../../usecases/upkeep/doctor.js')
    const { renderChecks, renderMended } = await import('../render/environment.js')
    const { inspectRegistry } = await import('../../usecases/upkeep/mend-registry.js')
    const { mendStore } = await import('../../usecases/upkeep/mend-store.js')
    const store = { trackingUri: settings.trackingUri, model: settings.model }
    if (options['upgrade-store'] === true) {
      const { upgradeStore } = await import('../../usecases/upkeep/upgrade-store.js')
      const ports = { schema: await services.storeSchema(), onProgress: progress }
      const { upgrade, sentence } = await upgradeStore({ store, waitSeconds: settings.waitSeconds }, ports)
      return { result: { upgrade }, text: sentence, exitCode: EXIT.done }
    }
    if (options.relocate === true) return relocate(context)
    const ports = async () => ({
      registry: await services.registry(),
      journal: await services.journal(),
      inspector: await services.storeInspector(),
      onProgress: progress,
    })
    const { actor } = services
    const { waitSeconds } = settings
    let mended: string[] = []
    const disagreements = async (): Promise<string[]> => {
      if (options.fix === true) mended = await mendStore(store, { actor, waitSeconds }, await ports())
      return (await inspectRegistry(store, await ports())).problems
    }
    const diagnosis = await doctor({
      environments: await services.environments(),
      hostChecks: await services.hostChecks(),
      registry: services.registry,
      disagreements,
      findings: async () => (await services.storeInspector()).check(store, progress),
      store,
      port: SERVE_PORT,
    })
    return {
      result: {
        python: diagnosis.python,
        environment: {
          ready: diagnosis.ready !== null,
          folder: diagnosis.ready?.folder ?? null,
          lock: services.lockSha256,
        },
        checks: diagnosis.checks.map(({ name, ok, message, cure }) => ({ name, ok, message, cure })),
        ...(options.fix === true ? { mended } : {}),
      },
      text: [renderChecks(diagnosis.checks), ...(options.fix === true ? [renderMended(mended)] : [])].join(
        '\n',
      ),
      exitCode: exitCodeOfChecks(diagnosis.checks),
    }
  },
}
