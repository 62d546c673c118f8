import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { packageRoot } from '../../src/compose.js'
import { runMain } from '../helpers/run-main.js'
import { tableFolder, telcoRows } from '../helpers/table-folder.js'

const { header, rows } = telcoRows(5)
const CUSTOMERS = `${[header, ...rows].map((row) => row.join(',')).join('\n')}\n`
// Nothing listens there: whoever comes as far as asking has not refused.
const NOWHERE = 'http://127.0.0.1:9'

let folder: Awaited<ReturnType<typeof tableFolder>>
const at = (...names: string[]): string => join(folder.path, ...names)

beforeEach(async () => {
  folder = await tableFolder()
  await folder.put('d.csv', CUSTOMERS)
})
afterEach(() => folder.remove())

async function refusal(...argv: string[]): Promise<{ exitCode: number; code: string; message: string }> {
  const { exitCode, stdout } = await runMain(folder.path, ...argv, '--json')
  return { exitCode, ...JSON.parse(stdout).error }
}

describe('predict --output', () => {
  beforeEach(() => {
    mkdirSync(at('sub'))
    symlinkSync('d.csv', at('link.csv'))
    symlinkSync('..', at('sub', 'up'))
    linkSync(at('d.csv'), at('hard.csv'))
    symlinkSync('mlflow.db-wal', at('dangling'))
  })

  test.each(['d.csv', './d.csv', 'sub/../d.csv', 'sub/up/d.csv', 'link.csv', 'hard.csv', 'sub/up/hard.csv'])(
    'is refused as %s, which is the table',
    async (output) => {
      for (const input of ['d.csv', 'link.csv', 'hard.csv']) {
        const refused = await refusal('predict', input, '--output', output, '--url', NOWHERE)
        expect([refused.exitCode, refused.code]).toEqual([2, 'USAGE'])
        expect(refused.message).toContain(output.split('/').at(-1))
      }
      expect(readFileSync(at('d.csv'), 'utf8')).toBe(CUSTOMERS)
    },
  )

  test.each([
    'mlflow.db',
    'mlflow.db-wal',
    'mlflow.db-shm',
    'dangling',
    'churn-ops.json',
    'columns.json',
    'learned.csv',
    'rules.json',
    '.churn-ops/journal.jsonl',
    'sub/up/.churn-ops/new.csv',
    'mlruns/customerchurn/new.csv',
    'files/new.csv',
    'sub',
    '/dev/null',
    '/dev/stdout',
    '/proc/self/fd/1',
    'd.csv/below',
    'd.quarantine.csv',
  ])('is refused as %s, which is not for results', async (output) => {
    const target = { column: 'Churn' }
    writeFileSync(
      at('columns.json'),
      JSON.stringify({ target, features: [{ name: 'tenure', kind: 'number' }] }),
    )
    const settings = {
      schema: 'columns.json',
      data: 'learned.csv',
      policy: './rules.json',
      artifacts: 'files',
    }
    writeFileSync(at('churn-ops.json'), JSON.stringify(settings))
    const before = readdirSync(folder.path)
    const refused = await refusal('predict', 'd.csv', '--output', output, '--url', NOWHERE)
    expect([refused.exitCode, refused.code]).toEqual([2, 'USAGE'])
    expect(readdirSync(folder.path)).toEqual(before)
  })

  test.each(['new.csv', 'new/new.csv', '.churn-ops/reports/new.csv', 'gated', 'python3'])(
    'is taken as %s, which nobody needs',
    async (output) => {
      const asked = await refusal('predict', 'd.csv', '--output', output, '--url', NOWHERE)
      expect(asked.code).toBe('ENDPOINT_UNREACHABLE')
      expect(existsSync(at(output))).toBe(false)
    },
  )

  test('may lie in a folder for artifacts that holds the whole project', async () => {
    const asked = await refusal(
      'predict',
      'd.csv',
      '--output',
      'n.csv',
      '--url',
      NOWHERE,
      '--config',
      'c.json',
    )
    expect(asked.code).toBe('CONFIG_INVALID')
    writeFileSync(at('c.json'), JSON.stringify({ artifacts: '.' }))
    const again = await refusal(
      'predict',
      'd.csv',
      '--output',
      'n.csv',
      '--url',
      NOWHERE,
      '--config',
      'c.json',
    )
    expect(again.code).toBe('ENDPOINT_UNREACHABLE')
  })
})

describe('standard input and output', () => {
  function run(argv: string[], streams: { input?: string; output?: string }) {
    const descriptors = [
      openSync(streams.input ?? '/dev/null', 'r'),
      streams.output === undefined ? null : openSync(streams.output, 'a'),
    ]
    const [stdin, stdout] = descriptors
    const program = [join(packageRoot, 'dist', 'bin.js'), ...argv]
    const stdio = [stdin ?? 'ignore', stdout ?? 'pipe', 'pipe'] as const
    const { status, stderr } = spawnSync(process.execPath, program, { cwd: folder.path, stdio: [...stdio] })
    for (const descriptor of descriptors) if (descriptor !== null) closeSync(descriptor)
    return { status, stderr: String(stderr) }
  }

  test('the file that standard input comes from is not an output', () => {
    const { status, stderr } = run(['predict', '-', '--output', 'd.csv', '--url', NOWHERE], {
      input: at('d.csv'),
    })
    expect([status, stderr]).toEqual([2, expect.stringContaining('standard input')])
    expect(readFileSync(at('d.csv'), 'utf8')).toBe(CUSTOMERS)
  })

  test.each([[['validate', 'd.csv']], [['validate', 'd.csv', '--json']], [['predict', 'd.csv', '--json']]])(
    'standard output does not go to the end of an input: %j',
    (argv) => {
      const { status, stderr } = run(argv, { output: at('d.csv') })
      expect([status, stderr]).toEqual([2, expect.stringContaining('standard output')])
      expect(readFileSync(at('d.csv'), 'utf8')).toBe(CUSTOMERS)
    },
  )
})

describe('folders of outputs', () => {
  test.each([
    ['report.html', ['monitor', '--data', 'out/report.html', '--report', 'out']],
    ['report.json', ['monitor', '--data', 'out/report.json', '--report', 'out', '--url', NOWHERE]],
    ['evidence/d.csv', ['report', '1', '--output', 'out']],
    ['model_card.md', ['report', '1', '--output', 'out']],
  ])('do not take the place of an input: %s', async (name, argv) => {
    mkdirSync(at('out', 'evidence'), { recursive: true })
    linkSync(at('d.csv'), at('out', name))
    writeFileSync(at('churn-ops.json'), JSON.stringify({ data: `out/${name}` }))
    const refused = await refusal(...argv)
    expect([refused.exitCode, refused.message]).toEqual([2, expect.stringContaining(at('out', name))])
    expect(readFileSync(at('d.csv'), 'utf8')).toBe(CUSTOMERS)
  })

  test.each([
    [['train', '--data', 'd.csv', '--artifacts', 'd.csv']],
    [['train', '--data', 'd.csv', '--artifacts', 'd.csv/below']],
    [['train', '--data', 'd.csv', '--artifacts', '.churn-ops/work']],
    [['monitor', '--report', 'd.csv']],
    [['monitor', '--report', '.churn-ops']],
    [['monitor', '--report', 'mlruns']],
    [['report', '1', '--output', 'd.csv']],
  ])('are no inputs, no files, and none of our own folders: %j', async (argv) => {
    const refused = await refusal(...argv)
    expect([refused.exitCode, refused.code]).toEqual([2, 'USAGE'])
    expect(readdirSync(folder.path)).toEqual(['d.csv'])
  })
})

test('invalid rows are not put where an input lies', async () => {
  await folder.put('d.csv', CUSTOMERS.replace(',No,No,', ',Maybe,No,'))
  symlinkSync('d.csv', at('d.quarantine.csv'))
  const before = readFileSync(at('d.csv'), 'utf8')
  const refused = await refusal('validate', 'd.csv')
  expect([refused.exitCode, refused.message]).toEqual([2, expect.stringContaining('d.quarantine.csv')])
  expect(readFileSync(at('d.csv'), 'utf8')).toBe(before)
})
