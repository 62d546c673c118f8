import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stateFolderOf } from '../../../src/files/state-folder.js'
import { setVariables } from '../../helpers/variables.js'

let folder: string
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'churn-ops-state-')))
})
afterAll(() => rmSync(folder, { recursive: true }))

it('lies beside the SQLite file, also one that is not there yet', () => {
  expect(stateFolderOf(`sqlite:///${folder}/mlflow.db`)).toBe(join(folder, '.churn-ops'))
  expect(stateFolderOf('sqlite:///mlflow.db')).toBe(resolve('.churn-ops'))
})

it('is the same by the name of a link to the file, so that both names share one lock', () => {
  mkdirSync(join(folder, 'real'))
  writeFileSync(join(folder, 'real', 'mlflow.db'), '')
  symlinkSync(join(folder, 'real', 'mlflow.db'), join(folder, 'link.db'))
  expect(stateFolderOf(`sqlite:///${folder}/link.db`)).toBe(join(folder, 'real', '.churn-ops'))
  symlinkSync(join(folder, 'nowhere.db'), join(folder, 'dangling.db'))
  expect(stateFolderOf(`sqlite:///${folder}/dangling.db`)).toBe(join(folder, '.churn-ops'))
})

it('lies under CHURN_OPS_HOME or in the current folder for other stores', () => {
  const restore = setVariables({ CHURN_OPS_HOME: folder })
  expect(stateFolderOf('postgresql://host/db')).toBe(join(folder, 'state'))
  setVariables({ CHURN_OPS_HOME: undefined })
  expect(stateFolderOf('http://host:5000')).toBe(resolve('.churn-ops'))
  restore()
})
