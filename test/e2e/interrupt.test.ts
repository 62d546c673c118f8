import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { descendants } from '../../src/process/process-tree.js'
import { type Finished, type Running, runCommand, startCommand } from '../helpers/terminal.js'
import { makeWorkspace, PROGRAM, type Workspace } from '../helpers/workspace.js'

// One fit and twelve commits, each of which takes a moment.
const GRID = {
  n_estimators: Array.from({ length: 12 }, (_, at) => 5 * (at + 1)),
  max_depth: [4],
  min_samples_split: [5],
}
const CANDIDATES = GRID.n_estimators.length
const SLOW_MS = 240_000

let workspace: Workspace
beforeEach(async () => {
  workspace = await makeWorkspace({ grid: GRID })
})
afterEach(() => workspace.remove())

const place = () => ({ folder: workspace.path, variables: workspace.variables })

/** A training that has placed the files of two versions, so that the first is in the registry. */
async function halfDone(): Promise<Running> {
  const training = startCommand(`exec ${PROGRAM} train --json`, place())
  const models = join(workspace.path, 'mlruns', 'customerchurn', 'models')
  let ended = false
  training.ended.then(() => {
    ended = true
  })
  while (!ended && folders(models) < 2) await setTimeout(20)
  expect(training.written, 'the training ended too early').toMatchObject({ stdout: '' })
  return training
}

function folders(path: string): number {
  try {
    return readdirSync(path).length
  } catch {
    return 0
  }
}

/** The same command again finishes: nothing twice, nothing missing, what was there is used. */
function expectFinished(again: Finished): void {
  expect(again, again.stderr).toMatchObject({ code: 0 })
  const { candidates } = JSON.parse(again.stdout).result as {
    candidates: { version: string; reused: boolean; params: { n_estimators: number } }[]
  }
  expect(candidates.map(({ params }) => params.n_estimators)).toEqual(GRID.n_estimators)
  // Versions are numbered one after another: a thirteenth would show that one was made twice.
  expect(candidates.map(({ version }) => Number(version)).sort((a, b) => a - b)).toEqual(
    Array.from({ length: CANDIDATES }, (_, at) => at + 1),
  )
  expect(candidates.some(({ reused }) => reused)).toBe(true)
}

test(
  'a training that is killed leaves no process, and the same command again finishes it',
  async () => {
    const training = await halfDone()
    const tree = await descendants(training.pid)
    expect(tree.length).toBeGreaterThan(2)
    process.kill(training.pid, 'SIGKILL')
    expect((await training.ended).signal).toBe('SIGKILL')
    expect(await workspace.left()).toEqual([])
    expectFinished(await runCommand(`${PROGRAM} train --json`, place()))
  },
  SLOW_MS,
)

test(
  'Ctrl-C in a training tells what is kept, leaves no process, and the same command again finishes it',
  async () => {
    const training = await halfDone()
    training.signal('SIGINT')
    const { code, stdout, stderr } = await training.ended
    expect(code).toBe(130)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'INTERRUPTED' } })
    expect(stderr).toContain('Run the same command again')
    expect(await workspace.left()).toEqual([])
    expectFinished(await runCommand(`${PROGRAM} train --json`, place()))
    expect(folders(join(workspace.path, '.churn-ops', 'work'))).toBe(0)
  },
  SLOW_MS,
)
