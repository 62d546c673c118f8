import { expect, test } from 'vitest'
import { terminalSafe } from '../../../src/cli/render/terminal-safe.js'
import { runMain } from '../../helpers/run-main.js'

test('control characters are written out, colours and line ends stay', () => {
  expect(terminalSafe('a\u001b]0;title\u0007b\r\u001b[2Kc\u202ed\u009be')).toBe(
    'a\\u001b]0;title\\u0007b\\u000d\\u001b[2Kc\\u202ed\\u009be',
  )
  expect(terminalSafe('\u001b[31mred\u001b[0m\tx\ny é 漢')).toBe('\u001b[31mred\u001b[0m\tx\ny é 漢')
})

test('an error cannot move the cursor with a name that it quotes, nor show a password', async () => {
  for (const more of [[], ['--json'], ['--verbose']]) {
    const { stdout, stderr } = await runMain('/', 'train\u001b[2J\u0007http://me:Pass-4711@h', ...more)
    expect(stderr).toContain('There is no command train\\u001b[2J')
    expect(stderr).toContain('http://me:***@h')
    for (const piece of ['\u001b[2J', '\u0007']) expect(stderr).not.toContain(piece)
    expect(stdout + stderr).not.toContain('Pass-4711')
  }
})
