import { beforeEach, expect, test, vi } from 'vitest'
import type { JournalEntry } from '../../../../src/domain/registry/journal-entry.js'
import { ChurnOpsError } from '../../../../src/errors.js'
import type { ProvenForest } from '../../../../src/usecases/ports/compiled-forest.js'
import type { StartEngine } from '../../../../src/usecases/ports/front.js'
import { type FollowServices, followChampion } from '../../../../src/usecases/serving/follow-champion.js'
import { type ServeRequest, serve } from '../../../../src/usecases/serving/serve.js'
import { COLUMNS } from '../../../helpers/served-columns.js'
import { version as versionOf } from '../../../helpers/versions.js'

/** A world of versions 1 to 3 in which the alias can be moved, an engine can die, and a version can be broken. */
function world() {
  const state = {
    live: '1' as string | null,
    broken: [] as string[],
    /** What each engine says to its one stored row. */
    probability: 0.25,
    look: async () => false,
    notes: [] as (string | null)[],
    served: [] as string[],
    closed: [] as string[],
    recorded: [] as string[],
    journal: [] as JournalEntry[],
    notices: [] as string[],
    said: [] as string[],
    die: new Map<string, () => void>(),
    /** Proven forests, by the manifests of their versions. */
    forests: new Map<string, ProvenForest>(),
    leases: 0,
  }
  const startEngine: StartEngine = async ({ version }) => {
    if (state.broken.includes(version))
      throw new ChurnOpsError('SERVER_START', { message: 'It does not start.', hint: 'Look.' })
    const probability = state.probability
    return {
      engine: {
        kind: 'mlflow',
        score: async (rows) => rows.map(() => ({ label: 0, probability, threshold: 0.5 })),
        close: async () => void state.closed.push(version),
      },
      ended: new Promise((resolve) => {
        state.die.set(version, () => resolve({ lastLines: ['killed'] }))
      }),
    }
  }
  const services: FollowServices = {
    portHolder: async () => null,
    registry: async () => ({
      versions: async () =>
        ['1', '2', '3'].map((version) =>
          versionOf(Number(version), {
            aliases: version === state.live ? ['champion'] : [],
            stage: 'Archived',
            manifestSha256: `manifest-${version}`,
          }),
        ),
      apply: async () => ({ changed: 0, journal: [], notes: [] }),
      finish: async () => [],
      verify: async () => ({ folder: null, notes: [] }),
      columns: async () => COLUMNS,
      golden: async () => ({
        columns: ['contract', 'charges', 'tenure'],
        rows: [['year', 2, 1]],
        probabilities: [0.25],
      }),
      journal: async () => [],
    }),
    withPython: async (work) => {
      state.leases += 1
      return work()
    },
    startEngine,
    compiledForests: async () => ({
      kept: async (manifest) => state.forests.get(manifest) ?? { reason: 'it is no forest' },
      draft: async () => Promise.reject(new Error('nothing is to be compiled here')),
      module: async () => Promise.reject(new Error('nothing is to be exported here')),
    }),
    forestCompiler: async () => Promise.reject(new Error('nothing is to be compiled here')),
    startFront: async ({ first }) => {
      state.served.push(first.version)
      let current = first
      return {
        url: 'http://127.0.0.1:1',
        swap: async (next) => {
          const old = current
          current = next
          state.served.push(next.version)
          await old.engine.close()
        },
        note: (reason) => void state.notes.push(reason),
        close: async () => undefined,
      }
    },
    championWatch: async () => ({
      begin: async () => (onMaybeMoved, signal) => {
        state.look = onMaybeMoved
        return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      },
    }),
    requestLog: async () => ({
      append: () => undefined,
      state: () => ({ ok: true, reason: null, written: 0, dropped: 0 }),
      close: async () => undefined,
    }),
    serveRecords: async () => ({
      write: async ({ version }) => void state.recorded.push(version),
      find: async () => null,
      dispose: async () => undefined,
    }),
    journal: async () => ({
      append: async (entries) => void state.journal.push(...entries),
      read: async () => ({ entries: [], unreadable: [] }),
    }),
    notifier: async () => ({
      send: async (title) => {
        state.notices.push(title)
        return []
      },
    }),
    packageVersion: '0.0.0',
    pid: 1,
    actor: 'tester',
    now: () => '2026-11-25T10:00:00.000Z',
    onProgress: () => undefined,
    say: (line) => void state.said.push(line),
  }
  return { state, services }
}

const REQUEST: ServeRequest = {
  store: { trackingUri: 'sqlite:///x.db', model: 'M' },
  port: 0,
  host: '127.0.0.1',
  allowedHosts: [],
  apiKey: undefined,
  engine: 'auto',
  pin: null,
  allowPickle: null,
  idColumn: null,
}

let found: ReturnType<typeof world>
beforeEach(() => {
  found = world()
})

async function following(request = REQUEST): Promise<{ ended: Promise<void>; stop(): void }> {
  const stop = new AbortController()
  const serving = await serve(request, found.services)
  return {
    ended: followChampion(serving, request, found.services, stop.signal),
    stop: () => stop.abort(),
  }
}

test('the version that goes live takes the place of the other, which is closed; the record tells it', async () => {
  const { state } = found
  const { ended, stop } = await following()
  state.live = '2'
  await state.look()
  await state.look()
  expect([state.served, state.closed, state.recorded]).toEqual([['1', '2'], ['1'], ['1', '2']])
  stop()
  await ended
})

test('a version that cannot be served gets no request and is tried once; journal, notice and health say so', async () => {
  const { state } = found
  const { ended, stop } = await following()
  state.broken = ['2']
  state.live = '2'
  await state.look()
  await state.look()
  expect([state.served, state.closed]).toEqual([['1'], []])
  expect(state.notes).toEqual([
    expect.stringContaining('Version 1 stays, since version 2 could not be served'),
  ])
  expect(state.journal).toEqual([
    expect.objectContaining({
      action: 'serve',
      version: '2',
      previous: '1',
      reason: expect.stringContaining('SERVER_START'),
    }),
  ])
  expect(state.notices).toEqual(['M: version 2 is not served'])
  state.live = '3'
  await state.look()
  expect([state.served.at(-1), state.notes.at(-1)]).toEqual(['3', null])
  stop()
  await ended
})

test('a version that answers its stored rows otherwise is closed and not served', async () => {
  const { state } = found
  const { ended, stop } = await following()
  state.probability = 0.26
  state.live = '2'
  await state.look()
  expect([state.served, state.closed]).toEqual([['1'], ['2']])
  expect(state.journal[0]?.reason).toContain('answers 1 of 1 stored rows otherwise')
  stop()
  await ended
})

test('without a champion, and without a store, what answers stays', async () => {
  const { state, services } = found
  const { ended, stop } = await following()
  state.live = null
  await state.look()
  expect(state.notes).toEqual(['No version is in production; version 1 stays.'])
  vi.spyOn(services, 'withPython').mockRejectedValueOnce(new Error('away'))
  state.live = '2'
  expect(await state.look()).toBe(false)
  expect(state.said.at(-1)).toContain('the registry could not be read (away); version 1 stays')
  await state.look()
  expect(state.served).toEqual(['1', '2'])
  stop()
  await ended
})

test('an engine that ends by itself is started again; when it cannot be, the command ends', async () => {
  const { state } = found
  const { ended } = await following()
  state.die.get('1')?.()
  await vi.waitFor(() => expect(state.served).toEqual(['1', '1']))
  state.broken = ['1']
  state.die.get('1')?.()
  await expect(ended).rejects.toMatchObject({ code: 'SERVER_START', details: { lastLines: ['killed'] } })
})

test('a pinned version is served whatever is live, and stays', async () => {
  const { state } = found
  const { ended, stop } = await following({ ...REQUEST, pin: '3' })
  expect(state.served).toEqual(['3'])
  stop()
  await ended
  await expect(serve({ ...REQUEST, pin: '9' }, found.services)).rejects.toMatchObject({
    code: 'VERSION_UNKNOWN',
  })
})

/** A forest that is proven, and knows whether it was closed. */
function forestOf(closed: string[], version: string): ProvenForest {
  const score = async (rows: readonly unknown[]) =>
    rows.map(() => ({ label: 0 as const, probability: 0.25, threshold: 0.5 }))
  const close = async (): Promise<void> => void closed.push(`forest ${version}`)
  return { engine: { kind: 'compiled', score, close }, proof: { rows: 9, equal: 9 }, columns: COLUMNS }
}

test('a proven forest answers in the place of MLflow, at the start and at a change, and its files are not read', async () => {
  const { state, services } = found
  const engine = vi.spyOn(services, 'startEngine')
  const verify = vi.fn(async () => ({ folder: null, notes: [] }))
  const registry = await services.registry()
  services.registry = async () => ({ ...registry, verify })
  state.forests.set('manifest-1', forestOf(state.closed, '1'))
  state.forests.set('manifest-2', forestOf(state.closed, '2'))
  const { ended, stop } = await following()
  state.live = '2'
  await state.look()
  expect([state.served, state.closed]).toEqual([['1', '2'], ['forest 1']])
  expect([engine, verify].map(({ mock }) => mock.calls)).toEqual([[], []])
  expect(state.said).toEqual(['Version 2 has taken the place of version 1.'])
  state.live = '3'
  await state.look()
  expect(state.served.at(-1)).toBe('3')
  expect(verify).toHaveBeenCalledOnce()
  expect(state.said).toContain('Version 3 is served by MLflow, not compiled: it is no forest.')
  stop()
  await ended
})

test('--engine says what answers: MLflow alone, or nothing where there is no forest', async () => {
  const { state, services } = found
  state.forests.set('manifest-1', forestOf(state.closed, '1'))
  const served = async (engine: ServeRequest['engine']) => {
    const { served } = await serve({ ...REQUEST, engine }, services)
    return [served.engine.kind, served.proof, served.reason]
  }
  expect(await served('auto')).toEqual(['compiled', { rows: 9, equal: 9 }, null])
  expect(await served('compiled')).toEqual(['compiled', { rows: 9, equal: 9 }, null])
  expect(await served('mlflow')).toEqual(['mlflow', null, null])
  state.forests.clear()
  expect(await served('auto')).toEqual(['mlflow', null, 'it is no forest'])
  await expect(served('compiled')).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
})

test('a forest that this disk cannot keep costs the forest and not the answers', async () => {
  const { services } = found
  const forests = await services.compiledForests()
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { syscall: 'write' })
  services.compiledForests = async () => ({ ...forests, kept: async () => Promise.reject(full) })
  const { served } = await serve(REQUEST, services)
  expect([served.engine.kind, served.reason]).toEqual(['mlflow', expect.stringContaining('ENOSPC')])
  await expect(serve({ ...REQUEST, engine: 'compiled' }, services)).rejects.toThrow('ENOSPC')
})

test('a version that may be a pickle by name is left to MLflow', async () => {
  const { state, services } = found
  state.forests.set('manifest-1', forestOf(state.closed, '1'))
  const { served } = await serve({ ...REQUEST, allowPickle: 'M@1' }, services)
  expect([served.engine.kind, served.reason]).toEqual(['mlflow', expect.stringContaining('--allow-pickle')])
})

test('what cannot be right is told before anything is started', async () => {
  const { services } = found
  const engine = vi.spyOn(services, 'startEngine')
  const refused = (change: Partial<ServeRequest>) => serve({ ...REQUEST, ...change }, services)
  await expect(refused({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'API_KEY_MISSING', exitCode: 8 })
  await expect(refused({ port: 70_000 })).rejects.toMatchObject({ code: 'USAGE' })
  services.portHolder = async () => ({ pid: 7, program: 'nc' })
  await expect(refused({ port: 8000 })).rejects.toMatchObject({ code: 'PORT_IN_USE' })
  expect(engine).not.toHaveBeenCalled()
})
