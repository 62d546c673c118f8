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

/** Files and folders that a page names in backticks. */
function placesOf(page: string): string[] {
  const named = [
    ...readFileSync(join(root, page), 'utf8').matchAll(/`([\w.@-]+(?:\/[\w.@-]+)*(?:\.(?:ts|py|mjs)|\/))`/g),
  ]
  return [...new Set(named.map(([, place]) => String(place)))].filter((place) => !ELSEWHERE.test(place))
}

test.each(['CONTRIBUTING.md', 'docs/architecture.md', 'docs/reliability.md'])(
  '%s names only what is there',
  (page) => {
    const places = placesOf(page)
    expect(places.length).toBeGreaterThan(0)
    expect(places.filter((place) => !BELOW.some((folder) => existsSync(join(root, folder, place))))).toEqual(
      [],
    )
  },
)
