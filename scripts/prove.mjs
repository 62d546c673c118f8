// A million answers of the walk against scikit-learn's, bit by bit; one row in ten is made up to be hard.
// Usage: npm run prove [-- --answers N --trees N --train-rows N]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { proofCases } from './prove/cases.mjs'
import { findPython } from './test-interpreter.mjs'

const CASES_AT_ONCE = 5
const root = fileURLToPath(new URL('..', import.meta.url))
const flags = process.argv.slice(2)
execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })
const { proofOfFolder } = await import('../dist/serving/forest/prove.js')

const cases = proofCases(numberAfter('--trees', 100))
const each = Math.ceil(numberAfter('--answers', 1_000_000) / cases.length)
// Those on the two sides of a threshold come in pairs.
const hard = 2 * Math.ceil(each / 40)
const folder = mkdtempSync(join(tmpdir(), 'churn-ops-prove-'))
let total = { rows: 0, equal: 0 }
try {
  // Python takes longer to start than to fit one of them.
  for (let start = 0; start < cases.length; start += CASES_AT_ONCE) {
    const some = cases.slice(start, start + CASES_AT_ONCE)
    execFileSync(findPython(root), [join(root, 'scripts', 'prove', 'forests.py')], {
      input: JSON.stringify({
        data: join(root, 'data', 'telco-customer-churn.csv'),
        folder,
        trainRows: numberAfter('--train-rows', 5_600),
        rows: each - 2 * hard,
        adversarialRows: hard,
        boundaryRows: hard,
        cases: some,
      }),
      stdio: ['pipe', 'inherit', 'inherit'],
    })
    for (const { name } of some) await judge(name)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${total.equal} of ${total.rows} answers equal scikit-learn's to the last bit`)
if (total.equal !== total.rows) process.exitCode = 1

async function judge(name) {
  const made = join(folder, name)
  const proof = await proofOfFolder(made)
  rmSync(made, { recursive: true })
  const told = 'reason' in proof ? proof.reason : `${proof.equal} of ${proof.rows} equal`
  console.log(`${name.padEnd(24)} ${told}`)
  if ('reason' in proof) process.exitCode = 1
  else total = { rows: total.rows + proof.rows, equal: total.equal + proof.equal }
}

function numberAfter(flag, otherwise) {
  const at = flags.indexOf(flag)
  return at < 0 ? otherwise : Number(flags[at + 1])
}
