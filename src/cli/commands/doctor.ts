import type { Command } from '../command.js'

const SERVE_PORT = 8000

/** Checks everything that churn-ops stands on and names the cure of what is amiss. */
export const doctorCommand: Command = {
  name: 'doctor',
  description: 'Check Node, Python, packages, store, model and port, and name the cure',
  async handler({ settings, services }) {
    const { doctor, exitCodeOfChecks } = await import('../../usecases/doctor.js')
    const { renderChecks } = await import('../render/environment.js')
    const diagnosis = await doctor({
      environments: await services.environments(),
      surroundings: await services.surroundings(),
      registry: services.registry,
      store: { trackingUri: settings.trackingUri, model: settings.model },
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
      },
      text: renderChecks(diagnosis.checks),
      exitCode: exitCodeOfChecks(diagnosis.checks),
    }
  },
}
