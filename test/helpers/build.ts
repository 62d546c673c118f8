import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Builds `dist` once before all tests when a source is newer; type errors are the type check's to report. */
export function setup(): void {
  if (newest(join(root, 'src')) <= builtAt()) return
  spawnSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { cwd: root })
  spawnSync(process.execPath, [join(root, 'scripts', 'finish-build.mjs')], { cwd: root })
}

function builtAt(): number {
  const built = join(root, 'dist', 'bin.js')
  return existsSync(built) ? statSync(built).mtimeMs : 0
}

function newest(folder: string): number {
  const times = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs)
  return Math.max(...times)
}
