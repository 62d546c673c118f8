import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Block, commandBlocks, commandLines, documentPaths } from '../helpers/documents.js'
import { testPython } from '../helpers/python.js'
import { type Finished, type Running, runCommand, startCommand, untilAnswers } from '../helpers/terminal.js'
import { copyCheckout, makeWorkspace, SMALL_GRID, type Workspace } from '../helpers/workspace.js'

/** Command lines that no test runs, and why. */
const NOT_RUN: Record<string, string> = {
  'npm ci && npm test': 'it would run this very test',
  'churn-ops report 12': 'a reader of two forests has no version 12; the integration tests run it',
  'churn-ops report 12 --output out': 'as above',
  'churn-ops reproduce 12': 'as above',
  'churn-ops reproduce 12 --data FILE': 'FILE stands for a path of the reader',
  'npx churn-ops train --data customers.parquet': 'a table of the reader; the integration tests make one',
  'npx churn-ops train --data sqlite:///customers.db --query "SELECT * FROM customers"': 'as above',
  'npx churn-ops train --data postgresql+psycopg://db.example/crm --query "SELECT * FROM customers WHERE signed_up < \'2026-01-01\'"':
    'a database of the reader',
  'createdb -h db.example -U churn mlflow':
    'a server of the reader; the tests of stores start PostgreSQL themselves',
  'npx churn-ops train --artifacts s3://churn-models/prod':
    'a bucket of the reader; object-storage.test.ts has one of its own',
}

/** Commands that stay in the foreground until Ctrl-C, and the URL that tells that they are ready. */
const SERVERS: [start: string, ready: string][] = [
  ['npx churn-ops serve', 'http://127.0.0.1:8000/ping'],
  ['mlflow ui', 'http://127.0.0.1:5000/health'],
  ['mlflow models serve', 'http://127.0.0.1:8000/ping'],
]

/** Exit codes other than 0 that a line may have. */
const VERDICTS: Record<string, number[]> = {
  // Whether two small forests are better after a retraining is not the README's to promise.
  'npx churn-ops monitor --simulate-drift --retrain': [0, 4],
}

/** What the project's user wrote down as the way it is used. */
const DOCUMENTS = [
  'npx churn-ops train',
  'npx churn-ops promote',
  'npx churn-ops monitor',
  'mlflow ui --backend-store-uri sqlite:///mlflow.db',
  'export MLFLOW_TRACKING_URI=http://127.0.0.1:5000',
  'mlflow models serve -m "models:/RandomForestGridSearch/Production" --env-manager virtualenv --no-conda --port 8000',
  'curl -X POST http://localhost:8000/invocations -H "Content-Type: application/json" -d @test.json',
]

const SLOW_MS = 300_000

let workspace: Workspace
let clone: string
const servers = new Map<string, Running>()
const finished = new Map<string, Finished>()

beforeAll(async () => {
  workspace = await makeWorkspace()
  clone = join(workspace.path, 'churn-ops')
  copyCheckout(clone)
  // Only the length of the search and the interpreter differ from a reader's clone.
  const python = await testPython()
  writeFileSync(join(clone, 'churn-ops.json'), JSON.stringify({ python, grid: SMALL_GRID }))
  const bank = join(clone, 'examples', 'bank', 'churn-ops.json')
  writeFileSync(bank, JSON.stringify({ ...JSON.parse(readFileSync(bank, 'utf8')), python }))
}, SLOW_MS)

afterAll(async () => {
  for (const running of servers.values()) await running.stop()
  expect(await workspace.left()).toEqual([])
  workspace.remove()
}, SLOW_MS)

/** Runs a block as a reader would: line by line, servers in a terminal of their own. */
async function runBlock(block: Block): Promise<void> {
  const before: string[] = []
  for (const line of commandLines(block)) {
    if (line in NOT_RUN) continue
    if (/^(cd|export|eval) /.test(line)) {
      before.push(line)
      continue
    }
    const script = [...before, line].join('\n')
    const server = SERVERS.find(([start]) => line.startsWith(start))
    if (server === undefined) await runLine(line, script)
    else await startServer(script, server[1])
  }
}

async function runLine(line: string, script: string): Promise<void> {
  const how = await runCommand(script, { folder: clone, variables: workspace.variables })
  expect(VERDICTS[line] ?? [0], `${line}\n${how.stdout}${how.stderr}`).toContain(how.code)
  finished.set(line, how)
}

async function startServer(script: string, ready: string): Promise<void> {
  await servers.get(ready)?.stop()
  // The last command of a terminal takes the shell's place, so that it gets the signals.
  const running = startCommand(script.replace(/\n?([^\n]*)$/, '\nexec $1'), {
    folder: clone,
    variables: workspace.variables,
  })
  servers.set(ready, running)
  await untilAnswers(ready, running)
}

const output = (line: string): string => finished.get(line)?.stdout ?? ''

describe.sequential('the command blocks of the documents, as written', () => {
  const blocks = documentPaths().flatMap((file) => commandBlocks(file))
  const runnable = blocks.filter((block) => commandLines(block).some((line) => !(line in NOT_RUN)))

  test('hold the lines of the documents word for word', () => {
    const lines = commandBlocks('README.md').flatMap(commandLines)
    expect(lines).toEqual(expect.arrayContaining(DOCUMENTS))
    expect(Object.keys(NOT_RUN).filter((line) => !blocks.flatMap(commandLines).includes(line))).toEqual([])
  })

  test.each(runnable.map((block) => [`${block.file}:${block.line}`, block] as const))(
    '%s',
    async (_place, block) => {
      await runBlock(block)
    },
    SLOW_MS,
  )

  test('did what the README says', () => {
    expect(output('npm ci && npx churn-ops train')).toContain('2 versions of RandomForestGridSearch')
    expect(output('npx churn-ops promote')).toContain('Champion: version')
    expect(readFileSync(join(clone, 'predictions.csv'), 'utf8').trim().split('\n')).toHaveLength(7044)
    expect(output('npx churn-ops monitor')).toContain('Healthy')
    expect(output('npx churn-ops monitor --simulate-drift --retrain')).toContain('DRIFT')
    const answer = JSON.parse(output(DOCUMENTS.at(-1) ?? ''))
    expect(answer).toEqual({ predictions: [expect.any(Number), expect.any(Number)] })
    expect(existsSync(join(clone, 'examples', 'bank', 'mlflow.db'))).toBe(true)
  })
})
