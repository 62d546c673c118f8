import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Names that a Python of ours might take for its own, its packages' or ours. */
const MODULES = [
  ...['json', 'venv', 'select', 'ctypes', 'argparse', 'zipfile', 'sqlite3', 'sitecustomize', 'usercustomize'],
  ...['mlflow', 'numpy', 'pandas', 'sklearn', 'skops', 'uvicorn', 'psycopg', 'gunicorn'],
  ...['churn_ops', 'churn_ops_entry', 'Bridge', 'proxy', 'json_patch'],
]
const PROGRAMS = [
  'python3',
  'python',
  'python3.11',
  'uv',
  'git',
  'bash',
  'sh',
  'uvicorn',
  'mlflow',
  'lsof',
  'ps',
]

/** A folder whose name and files would run something, were they taken for more than names and data. */
export interface HostileFolder {
  path: string
  /** Its own folder for temporary files, with a name of the same kind. */
  temporary: string
  /** What was run or made of what lies here. */
  ran(): string[]
  remove(): void
}

/** Makes one; each planted file leaves a trace where `ran` looks. */
export function makeHostileFolder(): HostileFolder {
  const outer = realpathSync(mkdtempSync(join(tmpdir(), 'churn-ops-hostile-')))
  const traces = join(outer, 'traces')
  const path = join(outer, `-rf 'a' "b" $(touch injected) ; touch injected; \`touch injected\` & x`)
  const temporary = join(outer, `t 'a' "b" $(touch injected); touch injected;`)
  for (const folder of [traces, path, temporary]) mkdirSync(folder)
  for (const name of MODULES) {
    writeFileSync(
      join(path, `${name}.py`),
      `open(${JSON.stringify(join(traces, `${name}.py`))}, "w").close()\n`,
    )
  }
  writeFileSync(
    join(path, 'evil.pth'),
    `import os; open(${JSON.stringify(join(traces, 'pth'))}, "w").close()\n`,
  )
  for (const name of PROGRAMS) {
    writeFileSync(join(path, name), `#!/bin/sh\n: > '${join(traces, name)}'\n`)
    chmodSync(join(path, name), 0o755)
  }
  return {
    path,
    temporary,
    ran: () => [
      ...readdirSync(traces),
      ...[outer, path, temporary, process.cwd()].filter((folder) => existsSync(join(folder, 'injected'))),
    ],
    remove: () => rmSync(outer, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  }
}
