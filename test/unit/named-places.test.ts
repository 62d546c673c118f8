import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../helpers/imports.js'

const BELOW = [
  '',
  'src',
  'src/cli',
  'python',
  'python/churn_ops',
  'python/churn_ops/training',
  'python/churn_ops/registry',
]
// Of a version's folder and a project's, not of this repository; NAME stands for any.
const ELSEWHERE = /NAME|^predictions\/|^data\/|^code\/|^environments\/|^work\/|^mlruns\/|^metrics\//

/** Files and folders that a text names in backticks. */
function placesIn(text: string): string[] {
  const named = [...text.matchAll(/`([\w.@-]+(?:\/[\w.@-]+)*(?:\.(?:ts|py|mjs)|\/))`/g)]
  return [...new Set(named.map(([, place]) => String(place)))].filter((place) => !ELSEWHERE.test(place))
}

test.each(['CONTRIBUTING.md', 'docs/architecture.md', 'docs/reliability.md'])(
  '%s names only what is there',
  (page) => {
    const places = placesIn(readFileSync(join(root, page), 'utf8'))
    expect(places.length).toBeGreaterThan(0)
    expect(places.filter((place) => !BELOW.some((folder) => existsSync(join(root, folder, place))))).toEqual(
      [],
    )
  },
)

test('each change that CONTRIBUTING.md lists leads to a file or folder', () => {
  const [, table = ''] = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').split('## Where would I …')
  const rows = table.split('\n').filter((line) => /^\| (?!…|---)/.test(line))
  expect(rows.length).toBeGreaterThan(40)
  expect(rows.filter((row) => placesIn(row).length === 0)).toEqual([])
})
