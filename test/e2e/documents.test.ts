import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands/all.js'
import { packageRoot } from '../../src/compose.js'
import { readSettings } from '../../src/config/read.js'
import { EXIT } from '../../src/errors.js'
import { blocksOf, documentPaths, documentText } from '../helpers/documents.js'

test('docs/commands.md is what its script makes of the commands, and every command has notes', () => {
  const script = join(packageRoot, 'scripts', 'make-commands-page.mjs')
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test('every link and picture of the documents leads to a file', () => {
  const targets = documentPaths().flatMap((file) =>
    [...documentText(file).matchAll(/\]\(([^)#]+)[^)]*\)/g)]
      .map(([, target]) => String(target))
      .filter((target) => !/^https?:/.test(target))
      .map((target) => join(packageRoot, dirname(file), target)),
  )
  expect(targets.length).toBeGreaterThan(10)
  expect(targets.filter((path) => !existsSync(path))).toEqual([])
})

test('the README names every command and every exit code', () => {
  const readme = documentText('README.md')
  const named = COMMANDS.filter(({ name }) => !new RegExp(`\`${name}[ \`]`).test(readme))
  expect(named.map(({ name }) => name)).toEqual([])
  const codes = [...readme.matchAll(/^\| (\d+(?:, \d+)*) \|/gm)].flatMap(([, cell]) =>
    String(cell).split(', '),
  )
  expect(codes).toEqual([...Object.values(EXIT), 130, 143].map(String))
})

test('the files that docs/own-data.md shows are those of the example', () => {
  const shown = blocksOf('docs/own-data.md').filter(({ language }) => language === 'json')
  const files = ['schema.json', 'churn-ops.json'].map((name) =>
    JSON.parse(readFileSync(join(packageRoot, 'examples', 'bank', name), 'utf8')),
  )
  expect(shown.map(({ text }) => JSON.parse(text))).toEqual(files)
})

test('the settings that docs/training.md shows are accepted', async () => {
  const [shown] = blocksOf('docs/training.md').filter(({ language }) => language === 'json')
  const folder = mkdtempSync(join(tmpdir(), 'churn-ops-docs-'))
  writeFileSync(join(folder, 'churn-ops.json'), shown?.text ?? '')
  const settings = await readSettings({}, {}, folder)
  rmSync(folder, { recursive: true })
  expect(settings.search.spaces.map(({ estimator }) => estimator)).toEqual([
    'forest',
    'hist-gradient-boosting',
  ])
  expect(settings.threshold).toMatchObject({ kind: 'cost', value: 'MonthlyCharges' })
})

test('no picture is too heavy for a README', () => {
  for (const [, picture] of documentText('README.md').matchAll(/!\[[^\]]*\]\(([^)]+)\)/g))
    expect(readFileSync(join(packageRoot, String(picture))).length).toBeLessThan(300_000)
})
