import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createTemporaryFolder, type TemporaryFolder } from '../process/temporary-folder.js'
import type { DriftDetector } from '../usecases/ports/drift.js'
import type { AskPython } from './ask-python.js'

/** Evidently behind the bridge; windows are files, so that no call depends on what Python remembers of an earlier one. */
export function createDriftDetector(ask: AskPython): DriftDetector {
  let folder: Promise<TemporaryFolder> | undefined
  const fileOf = async (windowId: string): Promise<string> => {
    folder ??= createTemporaryFolder('churn-ops-window-')
    return join((await folder).path, `${windowId}.parquet`)
  }
  return {
    warm() {
      // A failed import shows itself, with its own error, in the call that needs it.
      ask('warm', { modules: ['evidently', 'evidently.presets'] }).catch(() => undefined)
    },
    async window(request, onProgress) {
      const windowId = randomUUID()
      const window = await ask('drift.window', { ...request, file: await fileOf(windowId) }, { onProgress })
      return { ...window, windowId }
    },
    measure: async ({ windowId, ...request }, onProgress) =>
      ask('drift.measure', { ...request, file: await fileOf(windowId) }, { onProgress }),
    retrainingTable: async ({ windowId, ...request }) =>
      ask('drift.retraining_table', { ...request, file: await fileOf(windowId) }),
    dispose: async () => (await folder?.catch(() => undefined))?.remove(),
  }
}
