import type { ForestCompiler } from '../usecases/ports/compiled-forest.js'
import type { AskPython } from './ask-python.js'

/** Compiling forests behind the bridge. */
export function createForestCompiler(ask: AskPython): ForestCompiler {
  return { compile: (request, onProgress) => ask('serving.compile_forest', request, { onProgress }) }
}
