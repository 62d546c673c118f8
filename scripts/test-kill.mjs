// `npm run test:kill`: the long form of the kill tests. Its options are those of `test/kill`: --only, --stores, --rounds,
// --match, --lanes, --seed, --json; --short takes the sample of `npm test` instead. Exit code 1: something is broken.
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findPython } from './test-interpreter.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const options = process.argv.slice(2)
const form = options.includes('--short') ? [] : ['--long']

const build = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })
if (build.status !== 0) process.exit(build.status ?? 1)
const parameters = ['-m', 'kill', ...form, ...options.filter((option) => option !== '--short')]
const { status } = spawnSync(findPython(root), parameters, {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: {
    ...process.env,
    CHURN_OPS_TEST_NODE: process.execPath,
    PYTHONPATH: ['test', 'python'].map((folder) => join(root, folder)).join(delimiter),
  },
})
process.exitCode = status ?? 1
