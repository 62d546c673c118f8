// Writes docs/errors.md from the error table in src/errors.ts (its built form) and the advice in docs/errors-advice.json.
// With --check it writes nothing and fails when the page is out of date.
import { readFileSync, writeFileSync } from 'node:fs'
import { ERROR_TABLE } from '../dist/errors.js'

const EXIT_MEANINGS = [
  [0, 'done, or healthy'],
  [1, 'a bug in churn-ops'],
  [2, 'usage, configuration, grid or policy'],
  [3, 'bad data'],
  [4, 'the answer is no'],
  [5, 'environment: Python, packages, port, disk'],
  [6, 'busy: another writer'],
  [7, 'store or server unreachable'],
  [8, 'integrity or security refusal'],
  [9, 'not enough data to judge'],
  [130, 'stopped by Ctrl-C'],
  [143, 'stopped by SIGTERM'],
]

const pagePath = new URL('../docs/errors.md', import.meta.url)
const advice = JSON.parse(readFileSync(new URL('../docs/errors-advice.json', import.meta.url), 'utf8'))

const row = (...cells) => `| ${cells.join(' | ')} |`
const exitOf = (code, { exit }) => (code === 'INTERRUPTED' ? '130, 143' : String(exit))

const page = `# Errors

Every error says what happened, what state things are in, and the one step to take next. Tell errors apart by their code:
it is in the message in brackets, and under \`--json\` in \`error.code\`; the texts may change.

This page is made by \`node scripts/make-errors-page.mjs\` from \`src/errors.ts\`.

## Exit codes

${[row('exit', 'means'), row('---', '---'), ...EXIT_MEANINGS.map(([exit, means]) => row(exit, means))].join('\n')}

## Codes

${[
  row('code', 'exit', 'means', 'what to do'),
  row('---', '---', '---', '---'),
  ...Object.entries(ERROR_TABLE).map(([code, entry]) =>
    row(`\`${code}\``, exitOf(code, entry), entry.meaning, advice[code] ?? ''),
  ),
].join('\n')}
`

if (process.argv.includes('--check')) {
  if (readFileSync(pagePath, 'utf8') !== page) {
    console.error('docs/errors.md is out of date: run `npm run build && node scripts/make-errors-page.mjs`.')
    process.exit(1)
  }
} else {
  writeFileSync(pagePath, page)
}
