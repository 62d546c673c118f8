import { describe, expect, it } from 'vitest'
import { renderRelocation, renderRelocationPlan } from '../../../../src/cli/render/relocation.js'
import type { Relocation } from '../../../../src/contract/store.js'
import { relocateStore } from '../../../../src/usecases/upkeep/relocate-store.js'

const store = { trackingUri: 'sqlite:////new/mlflow.db', model: 'M' }
const plan: Relocation = {
  from: ['/old'],
  to: '/new',
  places: { 'runs.artifact_uri': 3, 'model_versions.storage_location': 2 },
  isEmpty: false,
  warnings: ['version 2 of M: its files are gone'],
}

function ports(found: Relocation) {
  const applied: unknown[] = []
  return {
    applied,
    relocation: {
      plan: async () => found,
      apply: async (request: unknown) => {
        applied.push(request)
        return { ...found, backup: '/new/mlflow.db.backup' }
      },
    },
    onProgress: () => undefined,
  }
}

describe('a relocation', () => {
  it('is written after a yes, and not after a no', async () => {
    const yes = ports(plan)
    const done = await relocateStore({ store, waitSeconds: 3, confirm: async () => true }, yes)
    expect(done).toMatchObject({ relocated: true, backup: '/new/mlflow.db.backup' })
    expect(yes.applied).toEqual([{ store, waitSeconds: 3 }])
    const no = ports(plan)
    const left = await relocateStore({ store, waitSeconds: 3, confirm: async () => false }, no)
    expect(left).toMatchObject({ relocated: false, backup: null })
    expect(no.applied).toEqual([])
    expect(renderRelocation(left)).toBe('Nothing was changed.')
  })

  it('asks nothing when there is nothing to do', async () => {
    const empty = { ...plan, from: [], places: {}, isEmpty: true, warnings: [] }
    const confirm = () => Promise.reject(new Error('asked'))
    const result = await relocateStore({ store, waitSeconds: 3, confirm }, ports(empty))
    expect(renderRelocation(result)).toContain('nothing to relocate')
  })

  it('names both places, what is written, and what is damaged', () => {
    const shown = renderRelocationPlan(plan)
    for (const part of ['/old', '/new', '5 entries', 'warning version 2 of M']) expect(shown).toContain(part)
  })
})
