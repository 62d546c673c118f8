// Writes docs/commands.md from the commands themselves (their built form) and the notes in docs/commands-notes.json.
// With --check it writes nothing and fails when the page is out of date or a command has no notes.
import { readFileSync, writeFileSync } from 'node:fs'
import { COMMANDS } from '../dist/cli/commands/all.js'
import { SHARED_OPTIONS } from '../dist/cli/shared-options.js'

const pagePath = new URL('../docs/commands.md', import.meta.url)
const notes = JSON.parse(readFileSync(new URL('../docs/commands-notes.json', import.meta.url), 'utf8'))

const cell = (text) => text.replaceAll('|', '\\|')
const value = ({ type, choices }) => {
  if (choices !== undefined) return ` ${choices.join('\\|')}`
  return type === 'boolean' ? '' : type === 'number' ? ' N' : ' VALUE'
}
const meaning = ({ describe = '', default: preset }) =>
  preset === undefined || describe.includes(String(preset)) ? describe : `${describe} (default: ${preset})`

function optionTable(options) {
  const rows = Object.entries(options).map(
    ([name, option]) => `| \`--${name}${value(option)}\` | ${cell(meaning(option))} |`,
  )
  return rows.length === 0 ? [] : ['| option | meaning |', '| --- | --- |', ...rows, '']
}

function section({ name, description, positionals = {}, options = {}, passThrough }) {
  const places = Object.entries(positionals).map(([place, { demandOption }]) =>
    demandOption ? place.toUpperCase() : `[${place.toUpperCase()}]`,
  )
  const line = ['churn-ops', name, ...places, ...(passThrough ? ['ARGUMENTS…'] : [])].join(' ')
  const { about, json = [] } = notes[name] ?? {}
  return [
    `## ${name}`,
    '',
    `\`${line}\``,
    '',
    `${description}.`,
    '',
    ...(about === undefined ? [] : [about, '']),
    ...Object.entries(positionals).map(
      ([place, { describe }]) => `\`${place.toUpperCase()}\`: ${describe}\n`,
    ),
    ...optionTable(options),
    `\`--json\` result: ${json.join('; ')}.`,
    '',
  ]
}

const page = `# Commands

This page is made by \`node scripts/make-commands-page.mjs\` from the commands themselves.

Results go to stdout, progress and notes to stderr. With \`--json\` stdout is exactly one document:
\`{"protocol":1,"command":"train","ok":true,"result":{…}}\`, or with \`"ok":false\` and \`"error":{code,message,hint,details}\`.
\`ok\` says that the command could do its work; a verdict such as drift is a result, and the exit code carries it. A result that could not be
written is not done: a full or broken standard output or error ends with 5, whatever the command came to; a pipe whose reader left is no error.
Exit codes and error codes: [errors.md](errors.md).

A setting is taken from the option, else the environment (\`MLFLOW_TRACKING_URI\`), else \`churn-ops.json\`, else the default.
State that lies outside MLflow is in \`.churn-ops/\` beside the SQLite file, else in \`state/\` under \`CHURN_OPS_HOME\`.

Proxies of the shell (\`HTTP_PROXY\`, \`HTTPS_PROXY\`, \`ALL_PROXY\`) are used for other machines and never for this one, by us and by the
servers that we start. Variables for Python (\`PYTHONPATH\`, \`PYTHONWARNINGS\` and all of their kind) do not reach the Python that we
start. Temporary files go to \`TMPDIR\`; when it cannot be used the command says so and ends with 5.

## Options of every command

${optionTable(SHARED_OPTIONS).join('\n')}
${COMMANDS.flatMap(section).join('\n').trimEnd()}
`

const missing = COMMANDS.map(({ name }) => name).filter((name) => !Object.hasOwn(notes, name))
if (missing.length > 0) {
  console.error(`docs/commands-notes.json says nothing about ${missing.join(', ')}.`)
  process.exit(1)
}
if (!process.argv.includes('--check')) writeFileSync(pagePath, page)
else if (readFileSync(pagePath, 'utf8') !== page) {
  console.error(
    'docs/commands.md is out of date: run `npm run build && node scripts/make-commands-page.mjs`.',
  )
  process.exit(1)
}
