import type { Command } from '../command.js'
import { doctorCommand } from './doctor.js'
import { envCommand } from './env.js'
import { mlflowCommand } from './mlflow.js'
import { setupCommand } from './setup.js'
import { validateCommand } from './validate.js'

/** Every command, in the order in which `--help` lists them. */
export const COMMANDS: readonly Command[] = [setupCommand, doctorCommand, envCommand, mlflowCommand, validateCommand]
