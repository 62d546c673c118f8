import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommand } from '../helpers/terminal.js'
import { makeWorkspace, PROGRAM, type Workspace } from '../helpers/workspace.js'

const SLOW_MS = 240_000

let workspace: Workspace
beforeAll(async () => {
  workspace = await makeWorkspace()
})
afterAll(() => workspace.remove())

interface Step {
  command: string
  result: Record<string, unknown>
}

test(
  'demo runs the whole loop, prints one document and leaves nothing but what --keep asks for',
  async () => {
    const { code, stdout, stderr } = await runCommand(`${PROGRAM} demo --json --keep`, {
      folder: workspace.path,
      variables: { ...workspace.variables, TMPDIR: workspace.path },
    })
    expect(code, stderr).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    const document = JSON.parse(stdout) as {
      ok: boolean
      result: { folder: string; steps: [Step, Step, Step, Step, Step, Step, Step] }
    }
    const { steps, folder } = document.result
    expect(steps.map((step) => step.command)).toEqual([
      'validate',
      'train',
      'promote',
      'serve',
      'predict',
      'monitor',
      'monitor --simulate-drift --retrain',
    ])
    const [validated, trained, promoted, served, predicted, healthy, drifted] = steps.map(
      (step) => step.result,
    )
    expect(validated).toMatchObject({ valid: 7043, invalid: 0 })
    expect(trained?.candidates).toHaveLength(2)
    expect(promoted).toMatchObject({ applied: true, champion: { previous: null } })
    expect(served).toMatchObject({ url: expect.stringMatching(/^http:/), pid: expect.any(Number) })
    expect(predicted).toMatchObject({ counts: { rows: 7043, scored: 7043, rejected: 0 } })
    expect(healthy).toMatchObject({ verdict: 'healthy', retrained: null })
    expect(drifted).toMatchObject({ verdict: 'drift', retrained: { newRows: 1000 } })
    for (const step of steps) expect(stderr).toContain(`churn-ops ${step.command}`)

    expect(await workspace.left()).toEqual([])
    expect(readFileSync(join(folder, 'predictions.csv'), 'utf8').trim().split('\n')).toHaveLength(7044)
    expect(readdirSync(workspace.path).sort()).toEqual(
      [folder.slice(workspace.path.length + 1), 'churn-ops.json'].sort(),
    )
    rmSync(folder, { recursive: true })
  },
  SLOW_MS,
)
