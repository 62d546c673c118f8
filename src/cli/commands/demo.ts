import type { Services } from '../../compose.js'
import { sqliteAddress } from '../../domain/store-address.js'
import { EXIT } from '../../errors.js'
import type { Command, CommandContext, CommandResult } from '../command.js'
import { monitorCommand } from './monitor.js'
import { predictCommand } from './predict.js'
import { promoteCommand } from './promote.js'
import { serveCommand } from './serve.js'
import { trainCommand } from './train.js'
import { validateCommand } from './validate.js'

/** One finished step of the loop. */
interface Step {
  command: string
  result: Record<string, unknown>
  exitCode: number
  seconds: number
}

/** The whole loop on the bundled data, in a folder of its own. */
export const demoCommand: Command = {
  name: 'demo',
  description: 'Run the whole loop on the bundled data in a temporary folder',
  options: {
    keep: { type: 'boolean', describe: 'Keep the folder and print its path' },
    grid: trainCommand.options?.grid ?? {},
  },
  async handler(context) {
    const { compose } = await import('../../compose.js')
    const { renderDemo } = await import('../render/demo.js')
    const folder = await context.services.temporaryFolder('churn-ops-demo-')
    const trackingUri = sqliteAddress(`${folder.path}/mlflow.db`)
    const { python } = context.settings
    const composed = { trackingUri, python, onProgress: context.progress, signal: context.signal }
    const services = compose(composed)
    // The server gives its bridge back when it is ready; the later steps still need theirs.
    const serving = compose(composed)
    const inner = {
      ...context,
      folder: folder.path,
      services,
      settings: { ...context.settings, trackingUri, data: null },
    }
    try {
      const steps = await runLoop(inner, serving)
      return {
        result: {
          steps: steps.map(({ command, result }) => ({ command, result })),
          folder: kept(context, folder.path),
        },
        text: renderDemo(steps, kept(context, folder.path)),
        exitCode: EXIT.done,
      }
    } finally {
      await Promise.allSettled([serving.dispose(), services.dispose()])
      if (context.options.keep !== true) await folder.remove()
    }
  },
}

function kept({ options }: CommandContext, path: string): string | null {
  return options.keep === true ? path : null
}

async function runLoop(context: CommandContext, serving: Services): Promise<Step[]> {
  const steps: Step[] = []
  const step = async (title: string, run: () => Promise<CommandResult>): Promise<CommandResult> => {
    context.say(`▸ churn-ops ${title}`)
    const startedAt = performance.now()
    const { result, exitCode, text } = await run()
    steps.push({ command: title, result, exitCode, seconds: (performance.now() - startedAt) / 1000 })
    return { result, exitCode, text }
  }
  const withOptions = (options: Record<string, unknown>): CommandContext => ({ ...context, options })
  const file = context.services.bundledData

  await step('validate', () => validateCommand.handler(withOptions({ file })))
  await step('train', () => trainCommand.handler(withOptions({})))
  const promoted = await step('promote', () => promoteCommand.handler(withOptions({})))
  const { version: pin } = promoted.result.champion as { version: string }
  // Pinned: nobody waits here for the change to the version that the retraining may bring.
  const options = { port: 0, host: '127.0.0.1', engine: 'auto', pin }
  const server = await step('serve', () => untilReady({ ...withOptions(options), services: serving }))
  const url = String(server.result.url)
  await step('predict', () =>
    predictCommand.handler(withOptions({ file, url, batch: 1000, output: 'predictions.csv' })),
  )
  await step('monitor', () => monitorCommand.handler(withOptions({ url, limits: 'documents' })))
  await step('monitor --simulate-drift --retrain', () =>
    monitorCommand.handler(withOptions({ url, limits: 'documents', 'simulate-drift': true, retrain: true })),
  )
  return steps
}

/** Starts the server and gives what it announces; it goes on in the background and ends with the services. */
function untilReady(context: CommandContext): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    serveCommand.handler({ ...context, announce: resolve }).catch(reject)
  })
}
