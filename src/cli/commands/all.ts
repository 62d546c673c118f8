import type { Command } from '../command.js'
import { demoCommand } from './demo.js'
import { doctorCommand } from './doctor.js'
import { envCommand } from './env.js'
import { exportCommand } from './export.js'
import { historyCommand } from './history.js'
import { logCommand } from './log.js'
import { mlflowCommand } from './mlflow.js'
import { modelsCommand } from './models.js'
import { monitorCommand } from './monitor.js'
import { predictCommand } from './predict.js'
import { promoteCommand } from './promote.js'
import { pruneCommand } from './prune.js'
import { reportCommand } from './report.js'
import { reproduceCommand } from './reproduce.js'
import { rollbackCommand } from './rollback.js'
import { serveCommand } from './serve.js'
import { setupCommand } from './setup.js'
import { trainCommand } from './train.js'
import { uiCommand } from './ui.js'
import { validateCommand } from './validate.js'

/** Every command, in the order in which `--help` lists them. */
export const COMMANDS: readonly Command[] = [
  setupCommand,
  doctorCommand,
  envCommand,
  mlflowCommand,
  validateCommand,
  trainCommand,
  promoteCommand,
  rollbackCommand,
  historyCommand,
  modelsCommand,
  pruneCommand,
  reportCommand,
  reproduceCommand,
  serveCommand,
  logCommand,
  predictCommand,
  exportCommand,
  monitorCommand,
  uiCommand,
  demoCommand,
]
