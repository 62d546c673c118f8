// Whether the F1 measured on training rows is the F1 that new customers see, over splits, tables and estimators.
// Usage: npm run bench:honesty [-- --splits N] [-- --table "doubled"]
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findPython } from './test-interpreter.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const flags = process.argv.slice(2)
const after = (flag) => flags.flatMap((each, place) => (flags[place - 1] === flag ? [each] : []))

execFileSync(
  findPython(root),
  [
    join(root, 'scripts', 'bench', 'honesty.py'),
    join(root, 'data', 'telco-customer-churn.csv'),
    ...(after('--splits').length > 0 ? after('--splits') : ['10']),
    ...after('--table'),
  ],
  { stdio: 'inherit' },
)
