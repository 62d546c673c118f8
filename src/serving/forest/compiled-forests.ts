import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ChurnOpsError } from '../../errors.js'
import type { CompiledForests } from '../../usecases/ports/compiled-forest.js'
import { createDraft } from './forest-draft.js'
import { readForest } from './forest-file.js'
import { readKept } from './kept-forest.js'
import { moduleOf } from './module-text.js'

const KEPT_FORESTS = 8
const DRAFT = /^[0-9a-f]+\.(\d+)\.part$/

/** Where things lie, and the release whose walk is proven. */
export interface CompiledForestsOptions {
  stateFolder: string
  packageVersion: string
  /** The built form of this folder, of which modules are made. */
  codeFolder: string
}

/** Proven forests in `forests/` of the state folder, which only the user may read: those of the last versions served. */
export function createCompiledForests({
  stateFolder,
  packageVersion,
  codeFolder,
}: CompiledForestsOptions): CompiledForests {
  const forests = join(stateFolder, 'forests')
  return {
    kept: (manifestSha256) => readKept(join(forests, manifestSha256), manifestSha256, packageVersion),
    async draft(manifestSha256) {
      await mkdir(forests, { recursive: true, mode: 0o700 })
      await tidy(forests, manifestSha256)
      const folder = join(forests, `${manifestSha256}.${process.pid}.part`)
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder, { mode: 0o700 })
      return createDraft(folder, join(forests, manifestSha256), { manifestSha256, packageVersion })
    },
    async module(manifestSha256, about) {
      const folder = join(forests, manifestSha256)
      const forest = await readForest(folder)
      if ('reason' in forest) throw gone(about.version, forest.reason)
      return moduleOf(folder, codeFolder, { ...about, forest: forest.value })
    },
  }
}

/** Removes drafts of processes that are gone, and the oldest of the kept ones, to make room for one more. */
async function tidy(forests: string, coming: string): Promise<void> {
  const names = await readdir(forests)
  const ages = new Map<string, number>()
  for (const name of names) {
    const pid = DRAFT.exec(name)?.[1]
    if (pid !== undefined) {
      if (!isAlive(Number(pid))) await rm(join(forests, name), { recursive: true, force: true })
    } else if (name !== coming) ages.set(name, (await stat(join(forests, name))).mtimeMs)
  }
  const newest = [...ages].sort(([, one], [, other]) => other - one).map(([name]) => name)
  for (const name of newest.slice(KEPT_FORESTS - 1))
    await rm(join(forests, name), { recursive: true, force: true })
}

function gone(version: string, reason: string): ChurnOpsError {
  return new ChurnOpsError('ENGINE_UNAVAILABLE', {
    message: `The forest of version ${version} was changed in the meantime: ${reason}. Nothing was written.`,
    hint: 'Run the same command again.',
    details: { version, reason },
  })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
