import { afterAll, beforeAll, expect, it } from 'vitest'
import { testPython } from '../helpers/python.js'
import { runMain } from '../helpers/run-main.js'
import { tableFolder, telcoRows } from '../helpers/table-folder.js'

let python: string
let folder: Awaited<ReturnType<typeof tableFolder>>

beforeAll(async () => {
  python = await testPython()
  folder = await tableFolder()
  const { header, rows } = telcoRows(300)
  await folder.put('t.csv', [header, ...rows])
})
afterAll(() => folder.remove())

const run = (...argv: string[]) => runMain(folder.path, ...argv, '--python', python)
const train = (...more: string[]) =>
  run(
    ...['train', '--data', 't.csv', '--json', '--grid', 'n_estimators=5', '--grid', 'max_depth=3'],
    ...['--grid', 'min_samples_split=2', ...more],
  )

it('tells the line that restores a deleted experiment, and that line restores it', async () => {
  expect((await train()).exitCode).toBe(0)
  const mlflow = ['--python', python, 'mlflow', 'experiments']
  expect((await runMain(folder.path, ...mlflow, 'delete', '--experiment-id', '1')).exitCode).toBe(0)

  const refused = await train('--seed', '7')
  const { error } = JSON.parse(refused.stdout)
  expect({ exitCode: refused.exitCode, code: error.code }).toEqual({ exitCode: 8, code: 'STORE_DELETED' })
  const line = 'churn-ops mlflow experiments restore --experiment-id 1'
  expect(error.hint).toContain(line)
  const diagnosis = await run('doctor', '--json')
  const { checks } = JSON.parse(diagnosis.stdout).result
  expect(checks.find(({ name }: { name: string }) => name === 'deleted in MLflow')).toMatchObject({
    ok: false,
    cure: line,
  })

  expect((await runMain(folder.path, '--python', python, ...line.split(' ').slice(1))).exitCode).toBe(0)
  expect((await train('--seed', '7')).exitCode).toBe(0)
}, 240_000)
