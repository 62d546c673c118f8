import { describe, expect, it } from 'vitest'
import type { ModelVersion } from '../../../../src/domain/registry/model-version.js'
import { ChurnOpsError } from '../../../../src/errors.js'
import type {
  Check,
  PythonEnvironments,
  ReadyEnvironment,
} from '../../../../src/usecases/ports/environment.js'
import { describeVersions, doctor, exitCodeOfChecks } from '../../../../src/usecases/upkeep/doctor.js'

const well = (name: string): Check => ({ name, ok: true, message: '', cure: null, code: null })
const ready: ReadyEnvironment = {
  interpreter: '/env/bin/python',
  binFolder: '/env/bin',
  pythonVersion: '3.11.7',
  folder: '/env',
  lockSha256: 'ab',
}

function version(number: string, aliases: string[], f1: number | null): ModelVersion {
  return {
    version: number,
    runId: null,
    stage: 'None',
    aliases,
    f1,
    f1Low: null,
    f1High: null,
    f1Oof: null,
    threshold: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    parentRunId: null,
    inLatestSearch: true,
    dataSha256: null,
    manifestSha256: null,
    reason: null,
    recordedStage: null,
    duplicateOf: null,
    rolledBackAt: null,
    unfinished: [],
    looks: [],
  }
}

function needs(parts: {
  ready: ReadyEnvironment | null
  exists: boolean
  versions: () => Promise<ModelVersion[]>
}) {
  const environments: PythonEnvironments = {
    ensure: () => Promise.reject(new Error('doctor must not install')),
    find: () => Promise.resolve(parts.ready),
    remove: () => Promise.reject(new Error('doctor must not remove')),
    run: () => Promise.reject(new Error('doctor must not run programs')),
    inspect: () => Promise.resolve({ ready: parts.ready, python: null, checks: [well('Python')] }),
    dispose: () => Promise.resolve(),
  }
  return {
    environments,
    hostChecks: {
      folder: () => Promise.resolve(well('folder')),
      temporary: () => Promise.resolve(well('temporary files')),
      store: () => Promise.resolve({ check: well('store'), exists: parts.exists }),
      port: () => Promise.resolve(well('port 8000')),
    },
    registry: () => Promise.resolve({ versions: parts.versions }),
    store: { trackingUri: 'sqlite:///mlflow.db', model: 'M' },
    port: 8000,
  }
}

const noRegistry = () => Promise.reject(new Error('doctor must not start Python here'))
const modelRow = async (parts: Parameters<typeof needs>[0]): Promise<Check | undefined> =>
  (await doctor(needs(parts))).checks.find(({ name }) => name === 'model M')

describe('the row about the model', () => {
  it('asks the registry only when environment and store are there', async () => {
    expect(await modelRow({ ready, exists: false, versions: noRegistry })).toMatchObject({
      ok: true,
      message: 'no version yet: run `churn-ops train`',
    })
    expect(await modelRow({ ready: null, exists: true, versions: noRegistry })).toMatchObject({
      ok: true,
      message: 'not checked: the Python environment is not ready',
    })
  })

  it('carries an error of the store with its cure and code', async () => {
    const error = new ChurnOpsError('STORE_SCHEMA', { message: 'Another schema.', hint: 'Upgrade it.' })
    const failing = await modelRow({ ready, exists: true, versions: () => Promise.reject(error) })
    expect(failing).toMatchObject({
      ok: false,
      message: 'Another schema.',
      cure: 'Upgrade it.',
      code: 'STORE_SCHEMA',
    })
  })

  it('tells how many versions there are and which one is live', () => {
    expect(describeVersions([])).toBe('no version yet: run `churn-ops train`')
    expect(describeVersions([version('1', [], 0.6)])).toBe(
      '1 version, none in production: run `churn-ops promote`',
    )
    expect(describeVersions([version('1', [], 0.6), version('2', ['champion'], 0.6412)])).toBe(
      '2 versions, champion is version 2, F1 0.6412',
    )
    expect(describeVersions([version('3', ['champion'], null)])).toBe('1 version, champion is version 3')
  })
})

describe('the exit code of doctor', () => {
  it('is that of the first failing row', () => {
    const failing = (code: Check['code']): Check => ({ ...well('x'), ok: false, code })
    expect(exitCodeOfChecks([well('a'), well('b')])).toBe(0)
    expect(exitCodeOfChecks([well('a'), failing('STORE_UNREACHABLE'), failing('PORT_IN_USE')])).toBe(7)
    expect(exitCodeOfChecks([failing('PORT_IN_USE'), failing('STORE_UNREACHABLE')])).toBe(5)
  })
})

describe('the row on stages', () => {
  const healthy = { ready, exists: true, versions: async () => [version('1', ['champion'], 0.6)] }
  const rowOf = async (disagreements: () => Promise<string[]>): Promise<Check | undefined> => {
    const { checks } = await doctor({ ...needs(healthy), disagreements })
    return checks.find(({ name }) => name.startsWith('stages of'))
  }

  it('is well when alias, stages, tags and journal agree', async () => {
    expect(await rowOf(async () => [])).toMatchObject({ ok: true, cure: null })
  })

  it('names every disagreement, and the cure; its exit code is 8', async () => {
    const row = await rowOf(async () => ['the alias is gone', 'version 2 is in stage Production'])
    expect(row).toMatchObject({ ok: false, cure: 'churn-ops doctor --fix', code: 'REGISTRY_DISAGREES' })
    expect(row?.message).toContain('the alias is gone; version 2')
    expect(exitCodeOfChecks(row === undefined ? [] : [row])).toBe(8)
  })

  it('asks for a rollback when the champion was deleted', async () => {
    const row = await rowOf(async () => ['version 2 was in production and is deleted'])
    expect(row?.cure).toContain('churn-ops rollback')
  })

  it('is left out when the model cannot be read', async () => {
    const asked = () => Promise.reject(new Error('not to be asked'))
    const { checks } = await doctor({ ...needs({ ...healthy, ready: null }), disagreements: asked })
    expect(checks.some(({ name }) => name.startsWith('stages of'))).toBe(false)
  })
})
