import { expect, test } from 'vitest'
import { describeUpgrade, upgradeStore } from '../../../../src/usecases/upkeep/upgrade-store.js'

test('an upgrade is told with both schemas and the place of its backup', () => {
  const done = {
    upgraded: true,
    from: 'aaa',
    to: 'bbb',
    backup: '/data/mlflow.db.backup-aaa-20261124T101500Z',
  }
  expect(describeUpgrade(done)).toBe(
    'The store was upgraded from schema aaa to bbb. The backup is /data/mlflow.db.backup-aaa-20261124T101500Z; keep it until everything works.',
  )
})

test('a store that has our schema, or no tables yet, is told apart from an upgraded one', () => {
  expect(describeUpgrade({ upgraded: false, from: 'bbb', to: 'bbb', backup: null })).toContain(
    'already has the schema bbb',
  )
  expect(describeUpgrade({ upgraded: false, from: null, to: null, backup: null })).toContain('no tables yet')
})

test('the store and the wait are handed on as they are', async () => {
  const asked: unknown[] = []
  const request = { store: { trackingUri: 'sqlite:////data/mlflow.db', model: 'M' }, waitSeconds: 3 }
  const schema = {
    upgrade: async (given: unknown) => {
      asked.push(given)
      return { upgraded: false, from: 'bbb', to: 'bbb', backup: null }
    },
  }
  const { upgrade } = await upgradeStore(request, { schema, onProgress: () => undefined })
  expect(asked).toEqual([request])
  expect(upgrade.upgraded).toBe(false)
})
