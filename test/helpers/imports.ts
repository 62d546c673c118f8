import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** One import of a TypeScript file: `target` is a path under src, such as `domain/grid`, a package, or `node:fs`. */
export interface Import {
  from: string
  target: string
  kind: 'static' | 'type' | 'dynamic' | 'require'
}

/** A source file as the tests see it; `path` is relative to its tree. */
export interface SourceFile {
  path: string
  text: string
}

/** Every file of a tree with one ending, in a fixed order. */
export function readTree(folder: string, ending: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .sort()
    .map((path) => ({
      path: path.split(sep).join('/'),
      text: readFileSync(join(root, folder, path), 'utf8'),
    }))
}

const STATIC = /^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm
const DYNAMIC = /\bimport\(\s*([^)]*?)\s*\)/g
const REQUIRE_NAME = /\b(\w+)\s*=\s*createRequire\(/g

/** The imports of one file of src; an import that is no literal has the target `(computed)`. */
export function importsOf({ path, text }: SourceFile): Import[] {
  const code = withoutComments(text)
  const found: Import[] = []
  const add = (kind: Import['kind'], specifier: string): void => {
    found.push({ from: path.replace(/\.ts$/, ''), target: resolveTarget(path, specifier), kind })
  }
  for (const [, type, specifier] of code.matchAll(STATIC))
    add(type === undefined ? 'static' : 'type', String(specifier))
  for (const [, argument] of code.matchAll(DYNAMIC)) add('dynamic', literal(String(argument)))
  for (const [, name] of code.matchAll(REQUIRE_NAME)) {
    for (const [, argument] of code.matchAll(new RegExp(`(?<![.\\w])${name}\\(([^)]*)\\)`, 'g'))) {
      add('require', literal(String(argument)))
    }
  }
  return found
}

/** The text without comments, line breaks kept. */
export function withoutComments(text: string): string {
  return text.replace(
    /('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm,
    '$1',
  )
}

/** The text without comments and the contents of strings. */
export function codeOnly(text: string): string {
  return withoutComments(text).replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, "''")
}

function literal(argument: string): string {
  return /^['"]([^'"]+)['"]$/.exec(argument)?.[1] ?? '(computed)'
}

function resolveTarget(path: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier
  return normalize(join(dirname(path), specifier))
    .split(sep)
    .join('/')
    .replace(/\.js$/, '')
}

/** Circles among files, each as the path that closes it. */
export function circles(imports: readonly Import[]): string[] {
  const next = new Map<string, string[]>()
  for (const { from, target } of imports) next.set(from, [...(next.get(from) ?? []), target])
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, trail: string[]): void => {
    if (trail.includes(file)) found.push([...trail.slice(trail.indexOf(file)), file].join(' → '))
    if (trail.includes(file) || done.has(file)) return
    for (const target of next.get(file) ?? []) visit(target, [...trail, file])
    done.add(file)
  }
  for (const file of next.keys()) visit(file, [])
  return found
}

// Python reads Python best: its own parser sees imports inside functions too and no text that only looks like one.
const PYTHON_IMPORTS = `
import ast, json, sys
found = []
for path, text in json.load(sys.stdin):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [[path, alias.name] for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            name = "." * node.level + (node.module or "")
            found += [[path, name + "." + alias.name] for alias in node.names]
print(json.dumps([found, sorted(sys.stdlib_module_names)]))
`

/** The imports of Python files as dotted names down to what is imported, and the names of the standard library. */
export function pythonImports(files: readonly SourceFile[]): {
  imports: { from: string; target: string }[]
  standard: Set<string>
} {
  const input = JSON.stringify(files.map(({ path, text }) => [path, text]))
  const [found, standard] = JSON.parse(
    execFileSync('python3', ['-c', PYTHON_IMPORTS], { input, encoding: 'utf8' }),
  ) as [[string, string][], string[]]
  return { imports: found.map(([from, target]) => ({ from, target })), standard: new Set(standard) }
}
