import { expect, test } from 'vitest'
import { relevantLogLines } from '../../../src/serving/server-log.js'

test('the trace with which mlflow reports its dead child does not hide why the child died', () => {
  const log = [
    'INFO mlflow.pyfunc.backend: === Running command',
    'Traceback (most recent call last):',
    '  File "scorer.py", line 66, in _load_pyfunc',
    '             ^^^^^^',
    'ValueError: model.skops holds types that are not allowed',
    'Traceback (most recent call last):',
    '  File "cli.py", line 104, in serve',
    "Exception: Command '['bash']' returned non zero return code. Return code = 1",
    '',
  ].join('\n')
  expect(relevantLogLines(log).at(-1)).toBe('ValueError: model.skops holds types that are not allowed')
  expect(relevantLogLines(log).join()).not.toContain('^^')
})

test('a log that holds nothing but the trace of mlflow is told as it is', () => {
  const log =
    'Traceback (most recent call last):\nException: X returned non zero return code. Return code = 127\n'
  expect(relevantLogLines(log)).toHaveLength(2)
})

test('at most twenty lines are told, and a progress bar counts as many', () => {
  const lines = Array.from({ length: 30 }, (_, at) => `line ${at}`)
  expect(relevantLogLines(lines.join('\n'))).toEqual(lines.slice(10))
  expect(relevantLogLines(lines.join('\r'))).toHaveLength(20)
})
