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
      DO_NOT_TRACK: '1',
      // A module that is in the current folder is not taken for MLflow's: not by Python, and not by uvicorn.
      PYTHONSAFEPATH: '1',
      UVICORN_APP_DIR: ready.binFolder,
    })
    return { result: { exitCode }, text: '', exitCode: passedOn(exitCode) }
  },
}
