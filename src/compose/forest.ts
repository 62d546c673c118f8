import { join } from 'node:path'
import type { AskPython } from '../bridge/ask-python.js'
import type { CompiledForests, ForestCompiler } from '../usecases/ports/compiled-forest.js'
import { once } from './once.js'

/** What serving a version by its compiled forest needs outside the decisions. */
export interface ForestServices {
  forestCompiler(): Promise<ForestCompiler>
  /** Proven forests in the state folder. */
  compiledForests(): Promise<CompiledForests>
  /** Writes a file that appears whole or not at all. */
  writeText(path: string, text: string): Promise<void>
}

/** Joins what compiles, proves and keeps forests. */
export function composeForest(options: {
  stateFolder: string
  packageVersion: string
  packageRoot: string
  ask: AskPython
}): ForestServices {
  return {
    forestCompiler: once(async () =>
      (await import('../bridge/forest-compiler.js')).createForestCompiler(options.ask),
    ),
    compiledForests: once(async () => {
      const { createCompiledForests } = await import('../serving/forest/compiled-forests.js')
      const codeFolder = join(options.packageRoot, 'dist', 'serving', 'forest')
      return createCompiledForests({ ...options, codeFolder })
    }),
    writeText: async (path, text) => (await import('../files/draft.js')).replaceFile(path, text),
  }
}
