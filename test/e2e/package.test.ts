import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import { type Finished, runCommand } from '../helpers/terminal.js'
import { makeWorkspace, type Workspace } from '../helpers/workspace.js'

const SLOW_MS = 240_000

let workspace: Workspace
let packed: { filename: string; files: { path: string }[] }

const run = (line: string): Promise<Finished> =>
  runCommand(line, { folder: workspace.path, variables: workspace.variables })

beforeAll(async () => {
  workspace = await makeWorkspace()
  mkdirSync(join(workspace.path, 'tarball'))
  // Without scripts: the build that they would repeat is under other tests' feet.
  const answer = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', join(workspace.path, 'tarball')],
    {
      cwd: packageRoot,
      env: { ...process.env, ...workspace.variables },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  packed = firstPackage(JSON.parse(answer))
  writeFileSync(join(workspace.path, 'package.json'), '{ "private": true }')
}, SLOW_MS)
afterAll(() => workspace.remove())

// npm 11 answers a list, later ones a record by package name.
function firstPackage(answer: Record<string, typeof packed>): typeof packed {
  const [first] = Object.values(answer)
  if (first === undefined) throw new Error('npm pack answered nothing')
  return first
}

test('the tarball holds what a user needs and nothing else', () => {
  const paths = packed.files.map(({ path }) => path)
  const places = [...new Set(paths.map((path) => path.split('/')[0] ?? ''))].sort()
  expect(places).toEqual([
    'LICENSE',
    'README.md',
    'data',
    'dist',
    'package.json',
    'python',
    'requirements.txt',
    'schemas',
  ])
  expect(paths.filter((path) => path.startsWith('python/') && !path.endsWith('.py'))).toEqual([])
  expect(
    paths.filter(
      (path) => /(^|\/)tests?\/|\.test\.|\.map$|\.pyc$|\.ts$/.test(path) && !path.endsWith('.d.ts'),
    ),
  ).toEqual([])
  expect(paths).toEqual(
    expect.arrayContaining(['dist/bin.js', 'dist/index.d.ts', 'python/churn_ops_entry.py', 'data/README.md']),
  )
})

test(
  'the installed tarball answers, trains and can be imported',
  async () => {
    const installed = await run(`npm install './tarball/${packed.filename}'`)
    expect(installed.code, installed.stderr).toBe(0)
    expect(await run('npx churn-ops --version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
    expect((await run('npx churn-ops --help')).stdout).toContain('churn-ops train')
    const imported = await run(
      `node --input-type=module -e "const { EXIT, compose } = await import('churn-ops'); console.log(EXIT.busy, typeof compose)"`,
    )
    expect(imported.stdout).toBe('6 function\n')
    const trained = await run('npx churn-ops train --json')
    expect(trained.code, trained.stderr).toBe(0)
    expect(JSON.parse(trained.stdout).result).toMatchObject({
      dataset: { rows: 7043 },
      candidates: [{ version: '1' }, { version: '2' }],
    })
    expect(await workspace.left()).toEqual([])
  },
  SLOW_MS,
)
