import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../src/cli/commands/all.js'
import { parseCommandLine } from '../../../src/cli/parse.js'

const parse = (...argv: string[]) => parseCommandLine(argv, COMMANDS, '1.2.3')

describe('the command line', () => {
  it('offers the nearest command', async () => {
    await expect(parse('trian')).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('train'),
    })
  })

  it('offers the nearest option', async () => {
    await expect(parse('train', '--splitseed', '1')).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('--split-seed'),
    })
  })

  it('keeps every --grid and the last of an option given twice', async () => {
    const parsed = await parse(
      'train',
      '--grid',
      'max_depth=3,none',
      '--grid',
      'n_estimators=5',
      '--seed',
      '1',
      '--seed',
      '2',
    )
    expect(parsed).toMatchObject({
      kind: 'command',
      options: { grid: ['max_depth=3,none', 'n_estimators=5'], seed: '2' },
    })
  })

  it('hands everything behind mlflow on, down to its own --help', async () => {
    const parsed = await parse('--tracking-uri', 'sqlite:///a.db', 'mlflow', 'ui', '--help', '--port', '1')
    expect(parsed).toMatchObject({ rest: ['ui', '--help', '--port', '1'] })
  })

  it('refuses a missing command, a missing value and a surplus argument', async () => {
    for (const argv of [[], ['train', '--data'], ['promote', 'surplus'], ['validate']]) {
      await expect(parse(...argv), argv.join(' ')).rejects.toMatchObject({ code: 'USAGE' })
    }
  })

  it('prints version and help without a command', async () => {
    expect(await parse('--version')).toEqual({ kind: 'text', text: '1.2.3' })
    const help = await parse('--help')
    for (const command of COMMANDS)
      expect(help).toMatchObject({ text: expect.stringContaining(command.name) })
  })
})
