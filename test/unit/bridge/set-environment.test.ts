import { expect, test } from 'vitest'
import { setEnvironment } from '../../../src/bridge/set-environment.js'

test('variables are set, removed, and put back as they were', () => {
  process.env.CHURN_OPS_A = 'before'
  delete process.env.CHURN_OPS_B
  process.env.CHURN_OPS_C = 'gone for a while'
  const restore = setEnvironment({ CHURN_OPS_A: 'now', CHURN_OPS_B: 'new', CHURN_OPS_C: undefined })
  expect(process.env).toMatchObject({ CHURN_OPS_A: 'now', CHURN_OPS_B: 'new' })
  expect('CHURN_OPS_C' in process.env).toBe(false)
  restore()
  expect(process.env).toMatchObject({ CHURN_OPS_A: 'before', CHURN_OPS_C: 'gone for a while' })
  expect('CHURN_OPS_B' in process.env).toBe(false)
  delete process.env.CHURN_OPS_A
  delete process.env.CHURN_OPS_C
})
