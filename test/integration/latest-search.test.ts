import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testPython } from '../helpers/python.js'
import { runMain } from '../helpers/run-main.js'
import { tableFolder, telcoRows } from '../helpers/table-folder.js'

let python: string
let folder: Awaited<ReturnType<typeof tableFolder>>

beforeAll(async () => {
  python = await testPython()
  folder = await tableFolder()
  const { header, rows } = telcoRows(400)
  await folder.put('customers.csv', [header, ...rows])
})
afterAll(() => folder.remove())

async function result(...argv: string[]): Promise<ReturnType<typeof JSON.parse>> {
  const { exitCode, stdout } = await runMain(folder.path, ...argv, '--json', '--python', python)
  expect(exitCode, stdout).toBe(0)
  return JSON.parse(stdout).result
}

const train = (...depths: number[]) =>
  result(
    ...['train', '--data', 'customers.csv', '--grid', 'n_estimators=25', '--grid', 'min_samples_split=20'],
    ...['--grid', `max_depth=${depths.join(',')}`],
  )

const PROMOTE = ['promote', '--allow-no-skill', 'a table for tests']

describe('a search that is run again after another', () => {
  it('is the one whose best version promote takes, and answers as it did before', async () => {
    const first = await train(3, 6)
    const other = await train(1)
    const again = await train(3, 6)
    const { durationMs, phases, ...answer } = again
    expect(answer).toEqual({
      ...first,
      durationMs: undefined,
      phases: undefined,
      best: { ...first.best, reused: true },
      candidates: first.candidates.map((candidate: object) => ({ ...candidate, reused: true })),
    })
    const listed: { version: string; inLatestSearch: boolean }[] = (await result('models')).versions
    expect(listed.filter((each) => each.inLatestSearch).map((each) => each.version)).toEqual(['2', '1'])
    expect(other.best.version).toBe('3')
    // A search of its own that only reuses, whose best is not the newest version.
    const part = await train(3)
    expect(part.best).toMatchObject({ version: '1', reused: true })
    expect((await result(...PROMOTE, '--dry-run')).champion.version).toBe('1')
    await train(3, 6)
    expect((await result(...PROMOTE)).champion.version).toBe(first.best.version)
  }, 480_000)
})
