import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPredictionFile } from '../../../src/files/prediction-file.js'

let folder: string
const prediction = { row: 1, id: 'a', label: 1, probability: 0.5, threshold: 0.25 }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'churn-ops-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('the file appears under its name only when it is whole', async () => {
  const path = join(folder, 'new', 'p.csv')
  const file = await openPredictionFile(path)
  await file.write([prediction])
  expect(readdirSync(join(folder, 'new'))).not.toContain('p.csv')
  expect(await file.commit()).toBe(path)
  expect(readFileSync(path, 'utf8')).toBe('row,id,label,probability,threshold\n1,a,1,0.5,0.25\n')
  expect(readdirSync(join(folder, 'new'))).toEqual(['p.csv'])
})

test('discarding keeps the file that was there before and leaves nothing else', async () => {
  const path = join(folder, 'p.csv')
  writeFileSync(path, 'before')
  const file = await openPredictionFile(path)
  await file.write([prediction])
  await file.discard()
  expect(readdirSync(folder)).toEqual(['p.csv'])
  expect(readFileSync(path, 'utf8')).toBe('before')
})

test('a link that somebody laid out under the name of the unfinished file is not followed', async () => {
  const [path, target] = [join(folder, 'p.csv'), join(folder, 'precious')]
  writeFileSync(target, 'kept')
  symlinkSync(target, `${path}.${process.pid}.part`)
  symlinkSync(target, path)
  const file = await openPredictionFile(path)
  await file.write([prediction])
  await file.commit()
  expect(readFileSync(target, 'utf8')).toBe('kept')
  expect(readFileSync(path, 'utf8')).toContain('1,a,1')
  expect(statSync(path).mode & 0o077).toBe(0)
})

test('a directory or a file in the way of the folder is told before anything is scored', async () => {
  mkdirSync(join(folder, 'd'))
  await expect(openPredictionFile(join(folder, 'd'))).rejects.toMatchObject({
    code: 'NOT_WRITABLE',
    exitCode: 5,
  })
  writeFileSync(join(folder, 'f'), '')
  await expect(openPredictionFile(join(folder, 'f', 'p.csv'))).rejects.toMatchObject({ code: 'NOT_WRITABLE' })
})
