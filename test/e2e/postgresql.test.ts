import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Postgres, startPostgres } from '../helpers/postgres.js'
import { telcoRows } from '../helpers/table-folder.js'
import {
  type Finished,
  freePort,
  type Running,
  runCommand,
  startCommand,
  untilAnswers,
} from '../helpers/terminal.js'
import { makeWorkspace, PROGRAM, type Workspace } from '../helpers/workspace.js'

const SLOW_MS = 300_000
const PASSWORD = 's3same'

let workspace: Workspace
let postgres: Postgres | { missing: string }
let variables: Record<string, string | undefined>
const printed: string[] = []
const started: Running[] = []

beforeAll(async () => {
  workspace = await makeWorkspace()
  const { header, rows } = telcoRows(400)
  writeFileSync(
    join(workspace.path, 'customers.csv'),
    [header, ...rows].map((row) => `${row.join(',')}\n`).join(''),
  )
  mkdirSync(join(workspace.path, 'temporary'))
  postgres = await startPostgres()
  if ('missing' in postgres) return
  variables = {
    ...workspace.variables,
    MLFLOW_TRACKING_URI: await postgres.database(),
    TMPDIR: join(workspace.path, 'temporary'),
  }
}, SLOW_MS)

afterAll(async () => {
  for (const running of started.reverse()) await running.stop()
  expect(await workspace.left()).toEqual([])
  if (!('missing' in postgres)) await postgres.close()
  workspace.remove()
}, SLOW_MS)

async function run(command: string, code = 0) {
  const options = { folder: workspace.path, variables }
  const finished: Finished = await runCommand(`${PROGRAM} ${command} --json`, options)
  printed.push(finished.stdout, finished.stderr)
  expect(finished.code, `${command}: ${finished.stdout}${finished.stderr}`).toBe(code)
  // biome-ignore lint/suspicious/noExplicitAny: the printed document, judged by the test.
  return JSON.parse(finished.stdout) as any
}

/** What doctor finds amiss beside the port, which a test of another file may hold. */
async function failingRows() {
  const { stdout } = await runCommand(`${PROGRAM} doctor --json`, { folder: workspace.path, variables })
  const checks = JSON.parse(stdout).result.checks as { name: string; ok: boolean }[]
  return checks.filter(({ name, ok }) => !ok && !name.startsWith('port'))
}

async function start(command: string, path: string): Promise<string> {
  const port = await freePort()
  const line = `exec ${PROGRAM} ${command} --port ${port}`
  const running = startCommand(line, { folder: workspace.path, variables })
  started.push(running)
  const url = `http://127.0.0.1:${port}`
  await untilAnswers(`${url}${path}`, running)
  return url
}

/** Looks at the command lines of all processes over and over; tells those that held the address with its password. */
function watchCommandLines(secret: string): () => string[] {
  const seen = new Set<string>()
  const look = (): void => {
    for (const pid of process.platform === 'linux' ? readdirSync('/proc') : []) {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
        // The command line that a user typed is the user's own.
        if (line.includes(secret) && !line.includes('bin.js')) seen.add(line.replaceAll('\0', ' '))
      } catch {
        // It has ended, or is no process.
      }
    }
  }
  const timer = setInterval(look, 100)
  return () => {
    clearInterval(timer)
    return [...seen]
  }
}

function filesWithPassword(): string[] {
  return readdirSync(workspace.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(PASSWORD))
}

test(
  'the whole loop runs on PostgreSQL and shows its password nowhere',
  async (context) => {
    if ('missing' in postgres) return context.skip(postgres.missing)
    // Port and all, since another test may run beside this one.
    const watched = watchCommandLines(`${variables.MLFLOW_TRACKING_URI}`.replace(/^postgresql:/, ''))

    const trained = (await run('train --data customers.csv')).result
    expect(trained.candidates).toMatchObject([{ version: '1' }, { version: '2' }])
    // Files lie in the folder of the first training, under the name of the experiment.
    expect(readdirSync(join(workspace.path, 'mlruns'))).toEqual(['customerchurn'])
    const again = (await run('train --data customers.csv')).result
    expect(again.candidates).toMatchObject([
      { version: '1', reused: true },
      { version: '2', reused: true },
    ])

    const promoted = (await run('promote --policy documents')).result
    expect(promoted).toMatchObject({ applied: true, changed: 2 })
    const { version } = promoted.champion as { version: string }
    const { versions } = (await run('models')).result
    expect(versions).toHaveLength(2)
    expect(versions.find((one: { version: string }) => one.version === version)).toMatchObject({
      stage: 'Production',
      aliases: ['champion'],
    })
    expect((await run('rollback', 4)).error.code).toBe('NO_ROLLBACK_TARGET')
    const other = version === '1' ? '2' : '1'
    expect((await run(`rollback --to ${other}`)).result).toMatchObject({ from: version, to: other })
    expect((await run('history')).result.entries.length).toBeGreaterThan(2)
    expect(await failingRows()).toEqual([])

    const url = await start(`serve --tracking-uri '${variables.MLFLOW_TRACKING_URI}'`, '/ping')
    const customers = `'${join(import.meta.dirname, '..', '..', 'test.json')}'`
    expect((await run(`predict ${customers} --url ${url}`)).result).toMatchObject({
      version: other,
      counts: { rows: 2, scored: 2 },
    })
    await start('ui', '/health')

    expect(watched()).toEqual([])
    expect(filesWithPassword()).toEqual([])
    expect(printed.join('')).not.toContain(PASSWORD)
  },
  SLOW_MS,
)
