import { describe, expect, test } from 'vitest'
import {
  circles,
  codeOnly,
  type Import,
  importsOf,
  pythonImports,
  readTree,
  type SourceFile,
} from '../helpers/imports.js'

const MAX_LINES = 250
// By a script, from src/contract.
const MADE = 'python/churn_ops/contract.py'
const NODE_FS = ['node:fs', 'node:fs/promises']
const OUTER = ['domain', 'contract', 'usecases/ports', 'process', 'http', 'errors', 'zod', 'node:*']

/**
 * Who may import what: a folder or file of src, and the folders, files, packages and Node modules that it may name.
 * A folder may always import its own files. `lazily` are for dynamic and type imports only.
 */
const LAYERS: Record<string, { may: string[]; lazily?: string[] }> = {
  errors: { may: [] },
  domain: { may: ['errors', 'zod'] },
  contract: { may: ['domain', 'errors', 'zod'] },
  csv: { may: ['errors', 'csv-parse', 'node:buffer', 'node:crypto', ...NODE_FS] },
  config: { may: ['domain', 'errors', 'zod', 'node:path', ...NODE_FS] },
  usecases: { may: ['domain', 'contract', 'csv', 'errors'] },
  process: { may: ['errors', 'execa', 'node:*'] },
  http: { may: ['errors', 'axios', 'node:*'] },
  bridge: { may: [...OUTER, 'pythonia'] },
  environment: { may: OUTER },
  serving: { may: [...OUTER, 'csv-parse', 'fastify', '@fastify/*', 'prom-client', 'pg'] },
  files: { may: OUTER },
  compose: {
    may: ['errors', 'node:*', 'files/state-folder', 'compose'],
    lazily: ['usecases/ports', 'domain', 'process', 'http', 'bridge', 'environment', 'serving', 'files'],
  },
  bin: { may: ['cli/main', 'cli/exit-code', 'process/standard-stream'] },
  index: {
    may: ['cli/main', 'cli/exit-code', 'usecases', 'compose', 'errors'],
    lazily: ['domain', 'contract', 'config'],
  },
  cli: { may: ['usecases', 'config', 'domain', 'contract', 'compose', 'errors', 'yargs', 'chalk'] },
}

/** Packages that one file alone may import. */
const ONE_IMPORTER = {
  pythonia: 'bridge/python-process',
  execa: 'process/run',
  axios: 'http/client',
  pg: 'serving/champion-by-postgres',
}

const matches = (allowed: string, target: string): boolean =>
  allowed === target ||
  target.startsWith(`${allowed}/`) ||
  (allowed.endsWith('*') && target.startsWith(allowed.slice(0, -1)))

/** The imports that the table does not allow, as sentences. */
function violations(imports: readonly Import[]): string[] {
  return imports.flatMap(({ from, target, kind }) => {
    const layer = String(from.split('/')[0])
    const rule = LAYERS[layer]
    if (rule === undefined) return [`${from} lies in no layer of the table`]
    const lazily = kind === 'dynamic' || kind === 'type' ? (rule.lazily ?? []) : []
    const own = from.includes('/') && target.startsWith(`${layer}/`)
    if (own || [...rule.may, ...lazily].some((allowed) => matches(allowed, target))) return []
    return [`${from} may not import ${target} (${kind})`]
  })
}

const sources = readTree('src', '.ts')
const imports = sources.flatMap(importsOf)

describe('the TypeScript half', () => {
  test('imports only what the layer table allows', () => {
    expect(sources.length).toBeGreaterThan(20)
    expect(violations(imports)).toEqual([])
  })

  test.each(Object.entries(ONE_IMPORTER))('imports %s in %s alone', (name, file) => {
    const importers = imports.filter(({ target }) => target === name || target.startsWith(`${name}/`))
    expect([...new Set(importers.map(({ from }) => from))]).toEqual([file])
  })

  test('keeps the HTTP server and what belongs to it in the room of the front', () => {
    const users = imports.filter(({ target }) => /^(?:@?fastify|prom-client)(?:\/|$)/.test(target))
    expect(users.length).toBeGreaterThan(3)
    expect(users.filter(({ from }) => !from.startsWith('serving/front/'))).toEqual([])
  })

  test('has no circles, by types neither', () => {
    expect(circles(imports.filter(({ kind }) => kind !== 'dynamic'))).toEqual([])
  })

  test('uses any nowhere but at the edge to pythonia', () => {
    const users = sources.filter(({ text }) => /(?<![.\w])any\b(?!\()/.test(codeOnly(text)))
    expect(users.map(({ path }) => path)).toEqual(['bridge/python-process.ts'])
  })
})

/** Which rooms of python/churn_ops each room may import, down to the ground; a room may always import its own files. */
const GROUND = ['contract', 'errors', 'progress']
const SHARED = [...GROUND, 'process', 'store', 'artifacts', 'integrity', 'table', 'statistics', 'versions']
const PYTHON_LAYERS: Record<string, string[]> = {
  contract: [],
  errors: ['contract'],
  progress: [],

  process: ['contract', 'errors', 'progress'],
  store: ['contract', 'errors', 'progress', 'process'],
  artifacts: ['contract', 'errors', 'store'],
  integrity: ['contract', 'errors', 'store', 'artifacts'],
  table: ['contract', 'errors', 'progress', 'store'],
  statistics: ['contract'],
  versions: ['contract', 'errors', 'store', 'integrity', 'table'],
  training: SHARED,
  registry: SHARED,
  drift: SHARED,
  serving: SHARED,
  upkeep: SHARED,
  wire: ['contract', 'errors', 'progress', 'process', 'store', 'artifacts'],
}

describe('the Python half', () => {
  const files = readTree('python', '.py')
  const { imports: names, standard } = pythonImports(files)

  test('imports only what the table of rooms allows', () => {
    expect(files.length).toBeGreaterThan(100)
    expect(names.flatMap(({ from, target }) => roomViolation(from, target))).toEqual([])
  })

  test('has no circles, within functions or by types neither', () => {
    expect(circles(pythonArrows(files, names))).toEqual([])
  })

  test('lets the scorer that travels inside a model import only what every serving environment has', () => {
    const allowed = ['sklearn', 'pandas', 'numpy', 'mlflow', 'skops']
    const scorer = names.filter(({ from }) => from.endsWith('training/fit/scorer.py'))
    expect(scorer.length).toBeGreaterThan(0)
    const others = scorer.map(({ target }) => String(target.split('.')[0]))
    expect(others.filter((name) => !allowed.includes(name) && !standard.has(name))).toEqual([])
  })
})

// Names that pythonia's own folder puts on the import path of the Python that it starts.
const PYTHONIA = ['Bridge', 'proxy', 'interface', 'ws', 'json_patch', 'javascript', 'pythonia']

function roomViolation(from: string, target: string): string[] {
  const sentence = [`${from} may not import ${target}`]
  const [top, inner] = target.split('.')
  if (top === '' || PYTHONIA.includes(String(top))) return sentence
  const [, room] = /^churn_ops\/(\w+)/.exec(from) ?? []
  if (room === undefined) return []
  if (String(top).startsWith('churn_ops_')) return sentence
  if (top !== 'churn_ops') return []
  const allowed = PYTHON_LAYERS[room]
  if (allowed === undefined) return room === '__init__' ? [] : [`${from} lies in no room of the table`]
  return inner === room || allowed.includes(String(inner)) ? [] : sentence
}

/** Imports between the files of a tree: a dotted name belongs to the longest module that it begins with. */
function pythonArrows(
  files: readonly SourceFile[],
  names: readonly { from: string; target: string }[],
): Import[] {
  const modules = new Set(files.map(({ path }) => path.replace(/\.py$/, '')))
  return names.flatMap(({ from, target }) => {
    const path = target.replaceAll('.', '/')
    const found = [path, path.replace(/\/[^/]*$/, '')].find((module) => modules.has(module))
    return found === undefined
      ? []
      : [{ from: from.replace(/\.py$/, ''), target: found, kind: 'static' as const }]
  })
}

test(`no file is longer than ${MAX_LINES} lines`, () => {
  const files: SourceFile[] = [
    ...sources.map((file) => ({ ...file, path: `src/${file.path}` })),
    ...readTree('python', '.py').map((file) => ({ ...file, path: `python/${file.path}` })),
  ].filter(({ path }) => path !== MADE)
  const lengths = files.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
  expect(lengths.filter(({ lines }) => lines > MAX_LINES)).toEqual([])
})

describe('this test itself', () => {
  const complaints = (path: string, text: string): string[] => violations(importsOf({ path, text }))

  test.each([
    ['domain/grid.ts', 'node:fs/promises (static)', "import { readFile } from 'node:fs/promises'"],
    ['domain/grid.ts', 'compose (type)', "import type { Services } from '../compose.js'"],
    ['usecases/train.ts', 'process/run (static)', "import { run } from '../process/run.js'"],
    ['usecases/train.ts', 'bridge/trainer (dynamic)', "const x = await import('../bridge/trainer.js')"],
    ['csv/read-rows.ts', 'domain/dataset (static)', "export { rows } from '../domain/dataset.js'"],
    ['bridge/trainer.ts', 'serving/scorer (static)', "import '../serving/scorer.js'"],
    ['bridge/trainer.ts', 'usecases/train (static)', "import { train } from '../usecases/train.js'"],
    ['cli/main.ts', 'pythonia (static)', "import {\n  python,\n} from 'pythonia'"],
    ['serving/x.ts', 'pythonia (require)', "const load = createRequire(import.meta.url)\nload('pythonia')"],
    ['serving/x.ts', '(computed) (dynamic)', 'await import(name)'],
    ['compose.ts', 'bridge/trainer (static)', "import { createTrainer } from './bridge/trainer.js'"],
    ['bin.ts', 'pythonia (static)', "import { python } from 'pythonia'"],
  ])('sees that %s may not import %s', (path, target, text) => {
    expect(complaints(path, text)).toEqual([`${path.replace('.ts', '')} may not import ${target}`])
  })

  test.each([
    ['domain/grid.ts', "// import 'node:fs'\n/* import('pythonia') */\nimport { z } from 'zod'"],
    ['compose.ts', "import type { Trainer } from './usecases/ports.js'\nawait import('./bridge/trainer.js')"],
    ['serving/x.ts', "import { createServer } from 'node:net'"],
  ])('has nothing against %s importing what it may', (path, text) => {
    expect(complaints(path, text)).toEqual([])
  })

  test('sees a file outside every layer, a circle, and rooms that look into each other', () => {
    expect(complaints('utils/x.ts', "import 'zod'")).toEqual(['utils/x lies in no layer of the table'])
    const circle = [
      { path: 'domain/a.ts', text: "import { b } from './b.js'" },
      { path: 'domain/b.ts', text: "import type { A } from './a.js'" },
    ]
    expect(circles(circle.flatMap(importsOf))).toEqual(['domain/a → domain/b → domain/a'])
    expect(roomViolation('churn_ops/drift/measure.py', 'churn_ops.training.train.train')).toHaveLength(1)
    expect(roomViolation('churn_ops/store/connect.py', 'churn_ops.artifacts.s3')).toHaveLength(1)
    expect(roomViolation('churn_ops/training/train.py', 'churn_ops_entry')).toHaveLength(1)
    expect(roomViolation('churn_ops/utils.py', 'churn_ops.errors')).toHaveLength(1)
    expect(roomViolation('churn_ops/training/train.py', 'churn_ops.store.connect.connect')).toEqual([])
    const files = [
      { path: 'churn_ops/drift/a.py', text: 'def f():\n    from churn_ops.drift import b' },
      { path: 'churn_ops/drift/b.py', text: 'if TYPE_CHECKING:\n    from churn_ops.drift.a import A' },
    ]
    expect(circles(pythonArrows(files, pythonImports(files).imports))).toHaveLength(1)
  })
})
