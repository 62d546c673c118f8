import { expect, it } from 'vitest'
import { describeProblem } from '../../../../src/domain/table/describe-problem.js'

it('describes a problem in one printable sentence', () => {
  expect(describeProblem({ line: 3, column: 'a\u001b[1m', value: 'x\ny', message: 'is wrong' })).toBe(
    'line 3, a\\u001b[1m: "x\\ny" is wrong.',
  )
})
