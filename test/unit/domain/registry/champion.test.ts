import { expect, test } from 'vitest'
import { championOf, requireChampion } from '../../../../src/domain/registry/champion.js'
import type { ModelVersion } from '../../../../src/domain/registry/model-version.js'

const version = (number: string, facts: Partial<ModelVersion> = {}): ModelVersion =>
  ({ version: number, stage: 'None', aliases: [], ...facts }) as ModelVersion

test('the alias says who is live, whatever the stages say', () => {
  const versions = [
    version('3', { stage: 'Production' }),
    version('2', { aliases: ['champion'], stage: 'Archived' }),
  ]
  expect(championOf(versions)?.version).toBe('2')
})

test('without an alias the newest version in Production is live', () => {
  const versions = ['9', '10', '2'].map((number) => version(number, { stage: 'Production' }))
  expect(championOf(versions)?.version).toBe('10')
})

test('without a version in production the next command is named', () => {
  expect(() => requireChampion([version('1')], 'churn')).toThrow(
    expect.objectContaining({ code: 'NO_CHAMPION', exitCode: 4, hint: 'Run `churn-ops promote`.' }),
  )
  expect(() => requireChampion([], 'churn')).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('churn-ops train') }),
  )
})
