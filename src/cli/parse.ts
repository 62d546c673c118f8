import yargs from 'yargs'
import { nearestName } from '../domain/text/nearest-name.js'
import { ChurnOpsError } from '../errors.js'
import type { Command } from './command.js'
import { SHARED_OPTIONS } from './shared-options.js'

/** What a command line asks for. */
export type Parsed =
  | { kind: 'text'; text: string }
  | { kind: 'command'; command: Command; options: Record<string, unknown>; rest: string[] }

/**
 * Reads a command line; the only place that knows yargs.
 *
 * @throws ChurnOpsError `USAGE` for an unknown command, option or value, with the nearest name.
 */
export async function parseCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
  version: string,
): Promise<Parsed> {
  const { own, rest, passThrough } = splitPassThrough(argv, commands)
  refuseUnknownOptions(own, commands)
  let matched: { command: Command; options: Record<string, unknown> } | null = null
  // It takes the current folder, which may be gone, for nothing that we use.
  const parser = yargs([], '/')
    .scriptName('churn-ops')
    .usage(
      'churn-ops COMMAND [options]\n\nThe whole lifecycle of a customer-churn model on scikit-learn, MLflow and Evidently.',
    )
    .options(SHARED_OPTIONS)
    .version(version)
    .help()
    .parserConfiguration({ 'camel-case-expansion': false, 'duplicate-arguments-array': true })
    .strict()
    .demandCommand(1, 'Name a command; `churn-ops --help` lists them.')
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? usage(message)
    })
  for (const command of commands) {
    parser.command(
      [command.name, ...Object.entries(command.positionals ?? {}).map(positionalToken)].join(' '),
      command.description,
      (builder) => {
        for (const [name, positional] of Object.entries(command.positionals ?? {})) {
          builder.positional(name, { ...positional, type: positional.type ?? 'string' })
        }
        return builder.options(command.options ?? {})
      },
      (options) => {
        matched = { command, options }
      },
    )
  }
  let text = ''
  try {
    await parser.parseAsync([...own], {}, (_error, _argv, output) => {
      text = output
    })
  } catch (error) {
    if (error instanceof ChurnOpsError) throw error
    throw usage(error instanceof Error ? error.message : String(error), error)
  }
  if (passThrough !== null && matched === null && text === '')
    return { kind: 'command', command: passThrough, options: {}, rest }
  if (matched === null) return { kind: 'text', text }
  const { command, options } = matched as { command: Command; options: Record<string, unknown> }
  return { kind: 'command', command, options: withDash(lastOfRepeated(options, command), command, own), rest }
}

function positionalToken([name, options]: [string, { demandOption?: boolean | string | undefined }]): string {
  return options.demandOption === true ? `<${name}>` : `[${name}]`
}

// What stands behind a pass-through command belongs to the other program, down to its own --help.
function splitPassThrough(
  argv: readonly string[],
  commands: readonly Command[],
): { own: readonly string[]; rest: string[]; passThrough: Command | null } {
  const index = argv.findIndex((argument, at) => !argument.startsWith('-') && !takesNext(argv[at - 1]))
  const passThrough = commands.find((command) => command.passThrough === true && command.name === argv[index])
  if (passThrough === undefined) return { own: argv, rest: [], passThrough: null }
  return { own: argv.slice(0, index + 1), rest: argv.slice(index + 1), passThrough }
}

function takesNext(argument: string | undefined): boolean {
  if (argument === undefined || !argument.startsWith('--') || argument.includes('=')) return false
  const option = Object.entries(SHARED_OPTIONS).find(([name]) => `--${name}` === argument)
  return option !== undefined && option[1].type === 'string'
}

function refuseUnknownOptions(argv: readonly string[], commands: readonly Command[]): void {
  const named = argv.find((argument) => commands.some((command) => command.name === argument))
  const command = commands.find((candidate) => candidate.name === named)
  if (command === undefined) {
    refuseUnknownCommand(argv, commands)
    return
  }
  const known = [...Object.keys(SHARED_OPTIONS), ...Object.keys(command.options ?? {}), 'help', 'version']
  for (const argument of argv) {
    if (argument === '--') return
    const name = /^--([a-z][\w-]*)/i.exec(argument)?.[1]
    if (name === undefined || known.includes(name) || known.includes(name.replace(/^no-/, ''))) continue
    const nearest = nearestName(name, known)
    throw new ChurnOpsError('USAGE', {
      message: `${command.name} has no option --${name}.`,
      hint:
        nearest === null
          ? `Run \`churn-ops ${command.name} --help\` to list its options.`
          : `Did you mean --${nearest}? \`churn-ops ${command.name} --help\` lists the options.`,
      details: { option: name, nearest },
    })
  }
}

function refuseUnknownCommand(argv: readonly string[], commands: readonly Command[]): void {
  const name = argv.find((argument, at) => !argument.startsWith('-') && !takesNext(argv[at - 1]))
  if (name === undefined) return
  const nearest = nearestName(
    name,
    commands.map((command) => command.name),
  )
  throw new ChurnOpsError('USAGE', {
    message: `There is no command ${name}.`,
    hint:
      nearest === null
        ? 'Run `churn-ops --help` to list the commands.'
        : `Did you mean \`churn-ops ${nearest}\`?`,
    details: { command: name, nearest },
  })
}

// yargs gives an empty text for the positional `-`, which stands for standard input.
function withDash(
  options: Record<string, unknown>,
  command: Command,
  argv: readonly string[],
): Record<string, unknown> {
  if (!argv.includes('-')) return options
  const dashes = Object.keys(command.positionals ?? {}).filter((name) => options[name] === '')
  return { ...options, ...Object.fromEntries(dashes.map((name) => [name, '-'])) }
}

// Given twice, an option that takes one value means its last one, as in most tools.
function lastOfRepeated(options: Record<string, unknown>, command: Command): Record<string, unknown> {
  const lists = Object.entries(command.options ?? {}).filter(([, option]) => option.array === true)
  const isList = (name: string): boolean => lists.some(([list]) => list === name)
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      Array.isArray(value) && !isList(name) && name !== '_' ? value.at(-1) : value,
    ]),
  )
}

function usage(message: string, cause?: unknown): ChurnOpsError {
  return new ChurnOpsError('USAGE', { message, hint: 'Run `churn-ops --help`.', cause })
}
