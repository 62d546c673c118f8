import { describe, expect, test } from 'vitest'
import type { ColumnScore } from '../../../../src/domain/drift/drift-report.js'
import { documentsLimits } from '../../../../src/domain/drift/drift-verdict.js'
import type { ModelVersion } from '../../../../src/domain/registry/model-version.js'
import { TELCO_SCHEMA } from '../../../../src/domain/table/telco-schema.js'
import { ChurnOpsError } from '../../../../src/errors.js'
import { type MonitorRequest, type MonitorServices, monitor } from '../../../../src/usecases/drift/monitor.js'

const champion: ModelVersion = {
  version: '5',
  runId: 'run',
  stage: 'Production',
  aliases: ['champion'],
  f1: 0.62,
  f1Low: null,
  f1High: null,
  f1Oof: 0.61,
  threshold: 0.3,
  createdAt: '2026-01-01T00:00:00.000Z',
  parentRunId: 'parent',
  inLatestSearch: true,
  dataSha256: null,
  manifestSha256: null,
  reason: null,
  recordedStage: null,
  rolledBackAt: null,
  duplicateOf: null,
  unfinished: [],
  looks: [],
}

function column(name: string, drifted: boolean): ColumnScore {
  return { name, method: 'wasserstein', score: drifted ? 0.5 : 0.01 }
}

/** Services in memory that note what they were asked, in order. */
function world(change: { drifted?: number; rows?: number; labelled?: boolean; sameData?: boolean } = {}) {
  const asked: string[] = []
  const columns = Array.from({ length: 10 }, (_, index) => column(`c${index}`, index < (change.drifted ?? 0)))
  const services: MonitorServices = {
    registry: {
      versions: async () => [champion],
      apply: async () => ({ changed: 0, journal: [], notes: [] }),
      finish: async () => [],
      verify: async () => ({ folder: null, notes: [] }),
      columns: async () => [],
      golden: async () => ({ columns: [], rows: [], probabilities: [] }),
      journal: async () => [],
    },
    detector: {
      warm: () => asked.push('warm'),
      window: async ({ version, source, changes }) => {
        asked.push(`window of ${version} from ${source.kind}, ${changes.length} changes`)
        return {
          windowId: 'w',
          rows: Array.from({ length: change.rows ?? 2_500 }, (_, tenure) => [tenure]),
          columns: ['tenure'],
          labelled: change.labelled ?? true,
          sameData: change.sameData ?? false,
        }
      },
      measure: async ({ answers, reportFolder }) => {
        asked.push(`measure ${answers.length} into ${reportFolder}`)
        const reports = { html: `${reportFolder}/report.html`, json: `${reportFolder}/report.json` }
        return { columns, performance: null, reports, rows: answers.length, warnings: [] }
      },
      retrainingTable: async ({ path }) => {
        asked.push(`table ${path}`)
        return { path, rows: 100, newRows: 10 }
      },
      dispose: async () => undefined,
    },
    scorer: {
      check: async () => undefined,
      score: async (_url, rows) => {
        asked.push(`score ${rows.length}`)
        return rows.map(() => ({ label: 1, probability: 0.5, threshold: 0.3 }))
      },
      version: async () => null,
      columns: async () => null,
    },
    validate: async () => {
      throw new Error('no table was given')
    },
    train: async (path) => {
      asked.push(`train ${path}`)
      return { candidates: [{ version: '6', reused: false }] }
    },
    promote: async () => {
      asked.push('promote')
      return { champion: { version: '6', f1: 0.7 } }
    },
    onProgress: () => undefined,
  }
  const request: MonitorRequest = {
    store: { trackingUri: 'sqlite:///x.db', model: 'M' },
    schema: TELCO_SCHEMA,
    data: null,
    url: 'http://127.0.0.1:8000/',
    sample: 1000,
    seed: 42,
    simulateDrift: false,
    limits: documentsLimits({ share: 0.5, count: 2, columnThreshold: 0.1 }),
    retrain: false,
    maxInvalid: 0,
    reportFolder: (version) => `/reports/v${version}`,
    retrainingPath: (version) => `/retraining/v${version}.csv`,
  }
  return { asked, services, request }
}

describe('monitoring', () => {
  test('asks the live endpoint in batches, imports Evidently meanwhile, then judges', async () => {
    const { asked, services, request } = world()
    const result = await monitor(request, services)
    expect(asked).toEqual([
      'window of 5 from held-out, 0 changes',
      'warm',
      'score 1000',
      'score 1000',
      'score 500',
      'measure 2500 into /reports/v5',
    ])
    expect(result).toMatchObject({
      verdict: 'healthy',
      version: '5',
      driftedCount: 0,
      window: { rows: 2_500, source: 'held-out', simulated: false },
      retrained: null,
      decision: { retrain: false },
    })
  })

  test('makes no report and asks nothing when the endpoint is down', async () => {
    const { asked, services, request } = world()
    const down = new ChurnOpsError('ENDPOINT_UNREACHABLE', { message: 'Down.', hint: 'Start it.' })
    const scorer = { ...services.scorer, check: () => Promise.reject(down) }
    await expect(monitor(request, { ...services, scorer })).rejects.toBe(down)
    expect(asked).toEqual([])
  })

  test('refuses without a champion, even when the endpoint is down too', async () => {
    const { services, request } = world()
    const registry = { ...services.registry, versions: async () => [] }
    const scorer = { ...services.scorer, check: () => Promise.reject(new Error('down')) }
    await expect(monitor(request, { ...services, registry, scorer })).rejects.toMatchObject({
      code: 'NO_CHAMPION',
    })
  })

  test('does not judge a small window and does not ask about it', async () => {
    const { asked, services, request } = world({ rows: 20 })
    const result = await monitor(request, services)
    expect(asked).toEqual(['window of 5 from held-out, 0 changes'])
    expect(result).toMatchObject({ verdict: 'not-enough-data', columns: [], reports: null })
  })

  test('judges the columns that the champion knows, says which it does not, and trains on none of them', async () => {
    const { asked, services, request } = world({ drifted: 3 })
    const known = TELCO_SCHEMA.features
      .filter(({ name }) => name !== 'Contract')
      .map(({ name, kind }) => ({ name, kind, sensitive: false, required: true, values: null }))
    const registry = { ...services.registry, columns: async () => known }
    const { window } = services.detector
    const judged: string[][] = []
    const detector: typeof services.detector = {
      ...services.detector,
      window: (wanted, onProgress) => {
        judged.push(wanted.schema.features.map(({ name }) => name))
        return window(wanted, onProgress)
      },
    }
    const result = await monitor({ ...request, retrain: true }, { ...services, registry, detector })
    expect(judged).toEqual([known.map(({ name }) => name)])
    expect(result.warnings[0]).toContain('Version 5 does not know Contract, which is not used')
    expect(result.decision).toMatchObject({ retrain: false })
    expect(result.decision.reasons.at(-1)).toContain('do not have Contract')
    expect(asked.filter((each) => each.startsWith('train'))).toEqual([])
  })

  test('refuses a schema without a column that the champion needs, as predict does', async () => {
    const { asked, services, request } = world()
    const region = {
      name: 'region',
      kind: 'category' as const,
      sensitive: false,
      required: true,
      values: null,
    }
    const registry = { ...services.registry, columns: async () => [region] }
    await expect(monitor(request, { ...services, registry })).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
      message: expect.stringContaining('it needs region'),
    })
    expect(asked).toEqual([])
  })

  test('warns when the endpoint serves another version than the one in production', async () => {
    const { services, request } = world()
    const scorer = { ...services.scorer, version: async () => '3' }
    const { warnings } = await monitor(request, { ...services, scorer })
    expect(warnings.join()).toMatch(/version 3.*version 5/)
  })
})

describe('drift', () => {
  test('without --retrain trains nothing and says what it would do', async () => {
    const { asked, services, request } = world({ drifted: 3 })
    const result = await monitor({ ...request, simulateDrift: true }, services)
    expect(asked.filter((step) => /^(table|train|promote)/.test(step))).toEqual([])
    expect(asked[0]).toContain('2 changes')
    expect(result).toMatchObject({ verdict: 'drift', driftedShare: 0.3, retrained: null })
    expect(result.decision.retrain).toBe(true)
    expect(result.decision.reasons.join()).toContain('--retrain would')
  })

  test('with --retrain trains on the table of reference and window, then promotes', async () => {
    const { asked, services, request } = world({ drifted: 3 })
    const result = await monitor({ ...request, retrain: true }, services)
    expect(asked.slice(-3)).toEqual(['table /retraining/v5.csv', 'train /retraining/v5.csv', 'promote'])
    expect(result.retrained).toMatchObject({ live: true, versions: ['6'], rows: 100, newRows: 10 })
  })

  test('is not answered by a retraining that leaves the old champion live', async () => {
    const { services, request } = world({ drifted: 3 })
    const promote = async () => ({ champion: { version: '5', f1: 0.62 } })
    const { retrained } = await monitor({ ...request, retrain: true }, { ...services, promote })
    expect(retrained).toMatchObject({ live: false, champion: { version: '5' } })
  })

  test('is not answered by an older version of another training that goes live', async () => {
    const { services, request } = world({ drifted: 3 })
    const promote = async () => ({ champion: { version: '4', f1: 0.7 } })
    const { retrained } = await monitor({ ...request, retrain: true }, { ...services, promote })
    expect(retrained?.live).toBe(false)
  })

  test('promotes nothing when every candidate was there already', async () => {
    const { asked, services, request } = world({ drifted: 3 })
    const train = async () => ({ candidates: [{ version: '2', reused: true }] })
    const result = await monitor({ ...request, retrain: true }, { ...services, train })
    expect(asked).not.toContain('promote')
    expect(result.retrained).toBeNull()
    expect(result.decision).toMatchObject({ retrain: false })
    expect(result.decision.reasons.at(-1)).toContain('already used for training')
  })

  test.each([{ labelled: false }, { sameData: true }])('trains nothing with %o', async (change) => {
    const { asked, services, request } = world({ drifted: 3, ...change })
    const result = await monitor({ ...request, retrain: true }, services)
    expect(asked.at(-1)).toContain('measure')
    expect(result.retrained).toBeNull()
    expect(result.decision.reasons).toHaveLength(2)
  })
})
