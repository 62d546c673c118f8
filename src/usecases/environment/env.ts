import { holdsPassword } from '../../domain/text/redaction.js'

/** The variables that let a shell use the environment's `mlflow` on our store. */
export interface ShellVariables {
  binFolder: string
  trackingUri: string
}

/** Lines for `eval "$(churn-ops env)"` in a POSIX shell. */
export function shellLines({ binFolder, trackingUri }: ShellVariables): string[] {
  return [
    `export PATH="${quoted(binFolder)}:$PATH"`,
    // What is printed may end up in a log: a secret stays where the user put it.
    holdsPassword(trackingUri)
      ? '# MLFLOW_TRACKING_URI is not printed, because it contains a password: export it yourself.'
      : `export MLFLOW_TRACKING_URI="${quoted(trackingUri)}"`,
    'export MLFLOW_DISABLE_TELEMETRY=true',
    // Its six job processes are for features that a churn model does not use.
    'export MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false',
  ]
}

// The four characters that mean something between double quotes.
function quoted(text: string): string {
  return text.replace(/[\\"$`]/g, '\\$&')
}
