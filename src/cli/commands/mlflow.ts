import type { Command } from '../command.js'
import { passedOn } from '../exit-code.js'

/** Runs MLflow's own command line inside the environment, on our store. */
export const mlflowCommand: Command = {
  name: 'mlflow',
  description: "Run MLflow's own command line in the environment: churn-ops mlflow ARGUMENTS",
  passThrough: true,
  async handler({ rest, settings, services, progress, signal }) {
    const environments = await services.environments()
    const ready = await environments.ensure(progress, signal)
    const exitCode = await environments.run(ready, 'mlflow', rest, {
      MLFLOW_TRACKING_URI: settings.trackingUri,
      MLFLOW_DISABLE_TELEMETRY: 'true',
    })
    return { result: { exitCode }, text: '', exitCode: passedOn(exitCode) }
  },
}
